package io.cityseg.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.cityseg.run.Workspace;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.nio2blob.FilesystemNio2BlobStore;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole pipeline with its store in a bucket of an S3 server in this JVM. */
class S3StoreIT {
  /** Looked for everywhere but in the file that holds it. */
  private static final String CANARY = "canary-7Hq2vXwZ0pLm4TfS";

  @TempDir static Path folder;

  private static S3Proxy server;
  private static TinyDataSet data;
  private static Path credentials;
  private static Cli.Result first;

  @BeforeAll
  static void runOnce() throws Exception {
    Path bucket = Files.createDirectories(folder.resolve("server/bucket"));
    server =
        S3Proxy.builder()
            .blobStore(new FilesystemNio2BlobStore(bucket.getParent().toString()))
            .endpoint(URI.create("http://127.0.0.1:0"))
            .awsAuthentication(AuthenticationType.AWS_V2_OR_V4, "access", CANARY)
            .ignoreUnknownHeaders(true)
            .stopTimeout(0)
            .build();
    server.start();
    credentials =
        Files.writeString(
            folder.resolve("credentials"),
            "[default]%naws_access_key_id = access%naws_secret_access_key = %s%n"
                .formatted(CANARY));
    data = TinyDataSet.draw(folder.resolve("scenes"));
    first = run("run", "--json");
  }

  @AfterAll
  static void stop() throws Exception {
    server.stop();
  }

  /** Runs a command on the store; an option that is given replaces the usual value. */
  private static Cli.Result run(String command, String... arguments) {
    List<String> all = new ArrayList<>(arguments(command.equals("run") || command.equals("plan")));
    for (int n = 0; n < arguments.length; n++) {
      int usual = arguments[n].startsWith("--") ? all.indexOf(arguments[n]) : -1;
      if (usual >= 0) {
        n++;
        all.set(usual + 1, arguments[n]);
      } else {
        all.add(arguments[n]);
      }
    }
    return new Cli(folder, all).run(command);
  }

  private static List<String> arguments(boolean withData) {
    List<String> store =
        List.of(
            "--store",
            "s3://bucket/a/store",
            "--s3-endpoint",
            "http://127.0.0.1:" + server.getPort(),
            "--s3-credentials",
            credentials.toString(),
            "--cache-dir",
            folder.resolve("cache").toString());
    return withData
        ? Stream.of(TinyDataSet.SETTINGS, List.of("--data", data.root().toString()), store)
            .flatMap(List::stream)
            .toList()
        : store;
  }

  @Test
  void run_whenTheStoreIsABucket_makesTheSameDigestsAsADirectory() {
    assertThat(first.code()).as(first.err()).isZero();

    List<String> local = new ArrayList<>(TinyDataSet.SETTINGS);
    local.addAll(
        List.of("--data", data.root().toString(), "--store", folder.resolve("local").toString()));
    Cli.Result directory = new Cli(folder, local).run("run", "--json");

    assertThat(first.outputs()).isEqualTo(directory.outputs());
    assertThat(first.ran()).isEqualTo(directory.ran());
  }

  @Test
  void run_whenTheRunnerIsFlink_makesTheSameDigestsInAnotherFolderOfTheBucket() {
    Cli.Result flink =
        run(
            "run",
            "--json",
            "--store",
            "s3://bucket/flink",
            "--runner",
            "flink",
            "--parallelism",
            "2");

    assertThat(flink.code()).as(flink.err()).isZero();
    assertThat(flink.outputs()).isEqualTo(first.outputs());
    assertThat(flink.ran()).isEqualTo(first.ran());
  }

  @Test
  void run_whenRepeated_runsNothing() {
    Cli.Result again = run("run", "--json");

    assertThat(again.ran()).isEmpty();
    assertThat(again.outputs()).isEqualTo(first.outputs());
    assertThat(run("plan", "--check").code()).isZero();
  }

  @Test
  void run_whenTheDataIsInABucketToo_runsNothing() throws Exception {
    Path objects = Files.createDirectories(folder.resolve("server/data/set"));
    data.copy(objects.resolve("cityscapes"));
    String address =
        "s3://data/set/cityscapes?endpoint=http://127.0.0.1:%d&credentials=%s"
            .formatted(server.getPort(), credentials);
    List<String> all = new ArrayList<>(TinyDataSet.SETTINGS);
    all.addAll(arguments(false));
    all.addAll(List.of("--data", address));

    Cli.Result again = new Cli(folder, all).run("run", "--json");

    assertThat(again.code()).as(again.err()).isZero();
    assertThat(again.ran()).as("the same files, wherever they are").isEmpty();
    all.set(all.indexOf("s3://bucket/a/store"), "s3://bucket/another");
    Cli.Result ingest = new Cli(folder, all).run("run", "--json", "--to", "ingest");
    assertThat(ingest.code()).as(ingest.err()).isZero();
    assertThat(ingest.outputs().get("ingest")).isEqualTo(first.outputs().get("ingest"));
  }

  @Test
  void show_whenTheStoreIsABucket_showsTheRun() {
    assertThat(run("runs").out()).contains(first.run().getId());
    assertThat(run("show", "latest").out()).contains("report.html");
  }

  @Test
  void everything_whenSecretsAreUsed_holdsNone() throws Exception {
    List<Cli.Result> results =
        List.of(
            first,
            run("run"),
            run("show", "latest", "--json"),
            run("runs", "--debug", "--s3-region", "no region"),
            run("runs", "--debug", "--s3-endpoint", "http://127.0.0.1:1"),
            run("show", "none", "--debug"));

    for (Cli.Result result : results) {
      assertThat(result.out() + result.err()).doesNotContain(CANARY);
    }
    assertThat(filesWith(folder)).containsExactly(credentials);
    assertThat(new S3Options().complete("s3://bucket?credentials=" + credentials).uri())
        .doesNotContain(CANARY);
  }

  @Test
  void runs_whenSomethingIsWrongWithTheBucket_isOneClearError() {
    assertError(
        run("runs", "--store", "s3://another-bucket"), "there is no bucket 'another-bucket'");
    assertError(run("runs", "--s3-endpoint", "http://127.0.0.1:1"), "no answer from http://");
    assertError(
        run("runs", "--s3-credentials", folder.resolve("none").toString()), "does not exist");
    assertError(run("runs", "--store", folder.toString()), "for stores in s3://");
  }

  @Test
  void runs_whenTheSecretIsWrong_saysWhereItCameFrom() throws Exception {
    Path wrong =
        Files.writeString(
            folder.resolve("wrong"),
            "[default]%naws_access_key_id = access%naws_secret_access_key = other%n".formatted());

    assertError(
        run("runs", "--s3-credentials", wrong.toString()),
        "does not accept the credentials from the file " + wrong);
  }

  private static void assertError(Cli.Result result, String message) {
    assertThat(result.code()).isEqualTo(2);
    assertThat(result.out()).isEmpty();
    assertThat(result.err()).startsWith("cityseg: ").contains(message).doesNotContain("\tat ");
    assertThat(result.err().lines()).hasSize(1);
  }

  /** Files below a folder that hold the canary. */
  private static List<Path> filesWith(Path root) throws IOException {
    List<Path> found = new ArrayList<>();
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        if (new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).contains(CANARY)) {
          found.add(file);
        }
      }
    }
    assertThat(Files.isDirectory(new Workspace(root).reports())).isTrue();
    return found;
  }
}
