package io.cityseg.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.cityseg.proto.RunRecord;
import io.cityseg.scenes.SceneOptions;
import io.cityseg.scenes.SceneWriter;
import io.cityseg.store.LocalObjects;
import io.cityseg.store.ObjectStorage;
import io.cityseg.store.ObjectStorages;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.nio2blob.FilesystemNio2BlobStore;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** A real Flink cluster, of processes, and a store in a bucket: credentials and outages. */
class FlinkBucketIT {
  private static final String USER = MinioProcess.USER;

  /** Looked for in all that Flink says and writes. */
  private static final String CANARY = "canary-4Tz8mWqY1rKc6NbD";

  private static final int OUTAGE_SECONDS = 20;

  @TempDir static Path folder;

  private static final List<ClusterClient> CLIENTS = new ArrayList<>();

  private static Path credentials;
  private static ClusterProcesses cluster;

  @BeforeAll
  static void start() throws Exception {
    credentials =
        Files.writeString(
            folder.resolve("credentials"),
            "[default]%naws_access_key_id = %s%naws_secret_access_key = %s%n"
                .formatted(USER, CANARY));
    Map<String, String> environment =
        Map.of("AWS_ACCESS_KEY_ID", USER, "AWS_SECRET_ACCESS_KEY", CANARY);
    cluster = ClusterProcesses.in(folder.resolve("cluster"), environment);
    cluster.up(1);
  }

  /** A test that failed leaves no client behind. */
  @AfterEach
  void endClients() {
    CLIENTS.forEach(ClusterClient::destroy);
    CLIENTS.clear();
  }

  @AfterAll
  static void stop() throws Exception {
    cluster.down();
  }

  @Test
  void everythingThatFlinkShows_whenSecretsAreUsed_holdsNone() throws Exception {
    TinyDataSet data = TinyDataSet.draw(folder.resolve("scenes"));
    TinyDataSet damaged = data.copy(folder.resolve("damaged-scenes"));
    Path image = damaged.file("train", "_leftImg8bit.png");
    Files.write(image, Arrays.copyOf(Files.readAllBytes(image), 100));
    Path objects = Files.createDirectories(folder.resolve("proxy/bucket")).getParent();
    S3Proxy server =
        S3Proxy.builder()
            .blobStore(new FilesystemNio2BlobStore(objects.toString()))
            .endpoint(URI.create("http://127.0.0.1:0"))
            .awsAuthentication(AuthenticationType.AWS_V2_OR_V4, USER, CANARY)
            .ignoreUnknownHeaders(true)
            .stopTimeout(0)
            .build();
    server.start();
    try {
      String store = "s3://bucket/store?endpoint=http://127.0.0.1:" + server.getPort();
      // first with the secret in the environment, then in a file that the store's address names
      Cli.Result done = submitted(store, data.root(), "--to", "shards").finish();
      Cli.Result failed =
          submitted(withCredentials(store), damaged.root(), "--to", "shards").finish();

      assertThat(done.code()).as(done.err()).isZero();
      assertThat(failed.code()).as(failed.err()).isEqualTo(ExitCode.FAILED);
      assertThat(done.out() + done.err() + failed.out() + failed.err()).doesNotContain(CANARY);
      assertHoldsNoSecret(cluster.everythingSaid(), List.of(done.run(), failed.run()));
      assertThat(cluster.everythingWritten()).isNotEmpty();
      cluster
          .everythingWritten()
          .forEach((file, content) -> assertThat(content).as(file).doesNotContain(CANARY));
    } finally {
      server.stop();
    }
  }

  private static void assertHoldsNoSecret(Map<String, String> said, List<RunRecord> runs) {
    said.forEach((path, answer) -> assertThat(answer).as(path).doesNotContain(CANARY));
    // what was looked through is what it should be: options, plans, traces and logs of these runs
    for (RunRecord run : runs) {
      assertThat(said)
          .anySatisfy((path, answer) -> assertThat(path + answer).contains("/config", run.getId()))
          .anySatisfy((path, answer) -> assertThat(path + answer).contains("/plan", run.getId()));
    }
    assertThat(said)
        .anySatisfy(
            (path, answer) -> assertThat(path + answer).contains("/exceptions", "NodeFail"));
    for (String log : List.of("/jobmanager/log", "/taskmanagers/taskmanager-1/log")) {
      assertThat(said.get(log)).as(log).contains(" INFO ");
    }
  }

  @Test
  @EnabledIfSystemProperty(named = FlinkClusterIT.ALL_FAULTS, matches = "true")
  void run_whenTheServerIsAwayForAWhile_finishesWithTheDirectRunnersDigests() throws Exception {
    Optional<Path> program = MinioProcess.program();
    Assumptions.assumeTrue(
        program.isPresent(),
        "skipped: no MinIO server (put minio on the path, or name it in CITYSEG_TEST_MINIO)");
    Path data = folder.resolve("large-scenes");
    SceneWriter.draw(data, new SceneOptions(8, 3, 7, 1024, 2048), drawn -> {});
    Cli.Result direct = client(folder.resolve("direct").toString(), data).finish();
    assertThat(direct.code()).as(direct.err()).isZero();
    cluster.up(2);
    MinioProcess server = MinioProcess.start(program.orElseThrow(), folder, CANARY);
    try {
      String store = "s3://%s/store?endpoint=%s".formatted(MinioProcess.BUCKET, server.endpoint());
      ClusterClient client = submitted(store, data);
      // once where many small objects are written, and once where few large ones are
      for (String action : List.of("trainids.item", "train.epoch")) {
        client.await("actions/" + action, 1);
        server.kill();
        client.goesOnFor(OUTAGE_SECONDS);
        server.start();
      }

      Cli.Result run = client.finish();

      assertThat(run.code()).as(run.err()).isZero();
      assertThat(run.outputs()).isEqualTo(direct.outputs());
      assertThat(run.ran()).as("what the run computed").isEqualTo(direct.ran());
      cluster
          .everythingSaid()
          .forEach((path, answer) -> assertThat(answer).as(path).doesNotContain(CANARY));
    } finally {
      server.kill();
    }
  }

  private static ClusterClient submitted(String store, Path data, String... more) throws Exception {
    List<String> arguments = new ArrayList<>(List.of("--flink-master", cluster.master()));
    arguments.addAll(List.of(more));
    return client(store, data, arguments.toArray(String[]::new));
  }

  /** A run on a store, with the secret in its environment, or in a file that the store names. */
  private static ClusterClient client(String store, Path data, String... more) throws Exception {
    boolean bucket = store.startsWith("s3:");
    List<String> command = new ArrayList<>(List.of("run", "--json", "--data", data.toString()));
    command.addAll(ClusterClient.SETTINGS);
    command.addAll(List.of("--store", bucket ? withCache(store, "shared") : store));
    command.addAll(List.of(more));
    ObjectStorage objects =
        bucket
            ? ObjectStorages.open(withCache(withCredentials(store), "test"))
            : LocalObjects.open(Path.of(store));
    Map<String, String> secret = Map.of("AWS_ACCESS_KEY_ID", USER, "AWS_SECRET_ACCESS_KEY", CANARY);
    ClusterClient client =
        ClusterClient.start(
            folder,
            objects,
            ClusterClient.LAUNCHER_CLASS_PATH,
            command,
            store.contains("credentials=") ? Map.of() : secret);
    CLIENTS.add(client);
    return client;
  }

  private static String withCredentials(String store) {
    return store.contains("&credentials=") ? store : store + "&credentials=" + credentials;
  }

  private static String withCache(String store, String name) {
    return store + "&cache=" + folder.resolve("cache-" + name);
  }
}
