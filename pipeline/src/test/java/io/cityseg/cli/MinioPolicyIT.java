package io.cityseg.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.minio.BucketExistsArgs;
import io.minio.GetObjectArgs;
import io.minio.MakeBucketArgs;
import io.minio.MinioClient;
import io.minio.PutObjectArgs;
import io.minio.RemoveBucketArgs;
import io.minio.RemoveObjectArgs;
import io.minio.credentials.AssumeRoleProvider;
import io.minio.credentials.Credentials;
import io.minio.errors.ErrorResponseException;
import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The policies of infra/s3 on a MinIO server, where one is installed ({@code minio} on the path, or
 * named by {@code CITYSEG_TEST_MINIO}): temporary credentials that have one policy and nothing
 * else.
 */
class MinioPolicyIT {
  private static final String BUCKET = "cityseg";
  private static final String ROOT_SECRET = "policy-test-secret";
  private static final String REGION = "eu-central-1";

  @TempDir static Path folder;

  private static MinioProcess server;
  private static String endpoint;
  private static MinioClient root;
  private static Credentials writer;
  private static TinyDataSet data;
  private static Cli.Result first;

  @BeforeAll
  static void runOnce() throws Exception {
    Optional<Path> program = MinioProcess.program();
    Assumptions.assumeTrue(
        program.isPresent(),
        "skipped: no MinIO server (put minio on the path, or name it in CITYSEG_TEST_MINIO)");
    server = MinioProcess.start(program.orElseThrow(), folder, ROOT_SECRET, REGION);
    endpoint = server.endpoint();
    root = server.client();
    root.makeBucket(MakeBucketArgs.builder().bucket(BUCKET).build());
    put(root, "other/secret");
    writer = credentials("policy.json");
    data = TinyDataSet.draw(folder.resolve("scenes"));
    first = run(writer, "run", "--json", "--set", "train.checkpoint_every_steps=1");
  }

  @AfterAll
  static void stop() throws Exception {
    if (server != null) {
      server.kill();
    }
  }

  /** Temporary credentials that may do what a policy of infra/s3 says for the prefix "team". */
  private static Credentials credentials(String policy) throws Exception {
    String text =
        Files.readString(Path.of("../infra/s3", policy))
            .replace("BUCKET", BUCKET)
            .replace("PREFIX/", "team/")
            .replaceAll("\\s+", "");
    return new AssumeRoleProvider(
            endpoint, MinioProcess.USER, ROOT_SECRET, 3600, text, REGION, null, null, null, null)
        .fetch();
  }

  private static Cli.Result run(Credentials who, String command, String... arguments)
      throws Exception {
    Path file = folder.resolve("credentials-" + who.accessKey());
    Files.writeString(
        file,
        "[default]%naws_access_key_id = %s%naws_secret_access_key = %s%naws_session_token = %s%n"
            .formatted(who.accessKey(), who.secretKey(), who.sessionToken()));
    List<String> all = new ArrayList<>();
    if (command.equals("run") || command.equals("plan")) {
      all.addAll(TinyDataSet.SETTINGS);
      all.addAll(List.of("--data", data.root().toString()));
    }
    all.addAll(
        List.of(
            "--store",
            "s3://" + BUCKET + "/team?region=" + REGION,
            "--s3-endpoint",
            endpoint,
            "--s3-credentials",
            file.toString(),
            "--cache-dir",
            folder.resolve("cache").toString()));
    return new Cli(folder, all).run(command, arguments);
  }

  @Test
  void run_whenThePolicyIsAllThereIs_doesTheWholeOfIt() throws Exception {
    assertThat(first.code()).as(first.err()).isZero();
    assertThat(first.ran()).containsKeys("ingest", "train", "report");

    Cli.Result again = run(writer, "run", "--json");

    assertThat(again.code()).as(again.err()).isZero();
    assertThat(again.ran()).isEmpty();
    assertThat(again.outputs()).isEqualTo(first.outputs());
    assertThat(run(writer, "show", "latest").code()).isZero();
  }

  @Test
  void look_whenThePolicyAllowsReadingAlone_worksAndWritingIsRefused() throws Exception {
    Credentials reader = credentials("policy-read-only.json");

    assertThat(run(reader, "runs").out()).contains(first.run().getId());
    assertThat(run(reader, "show", first.run().getId()).out()).contains("report.html");
    assertThat(run(reader, "plan", "--check").code()).isZero();

    Cli.Result refused = run(reader, "run");
    assertThat(refused.code()).isEqualTo(2);
    assertThat(refused.err())
        .startsWith("cityseg: Cannot use the store s3://cityseg/team at " + endpoint)
        .contains("do not allow it: AccessDenied; they need the permissions that infra/s3 lists");
    assertThat(refused.err().lines()).hasSize(1);
  }

  @Test
  void writer_whenItGoesBeyondTheStore_isDenied() throws Exception {
    MinioClient client =
        MinioClient.builder()
            .endpoint(endpoint)
            .region(REGION)
            .credentialsProvider(() -> writer)
            .build();
    String record = "team/actions/ingest/" + "0".repeat(64);
    put(root, record);
    String state = "team/actions/train.step/" + "0".repeat(64);
    put(client, state);

    assertDenied(() -> client.removeBucket(RemoveBucketArgs.builder().bucket(BUCKET).build()));
    assertDenied(() -> client.makeBucket(MakeBucketArgs.builder().bucket("another").build()));
    assertDenied(() -> get(client, "other/secret"));
    assertDenied(() -> put(client, "other/secret"));
    assertDenied(() -> put(client, "elsewhere"));
    assertDenied(() -> remove(client, "other/secret"));
    assertDenied(() -> remove(client, record));

    remove(client, state);
    assertThat(root.bucketExists(BucketExistsArgs.builder().bucket(BUCKET).build())).isTrue();
    get(root, "other/secret");
  }

  @Test
  void runs_whenTheRegionIsWrong_saysWhichIsMeant() throws Exception {
    Cli.Result result = run(writer, "runs", "--s3-region", "us-west-2");

    assertThat(result.code()).isEqualTo(2);
    assertThat(result.err())
        .contains("the bucket is not in region us-west-2")
        .contains("expecting '" + REGION + "'")
        .contains("correct --s3-region");
    assertThat(result.err().lines()).hasSize(1);
  }

  private static void assertDenied(ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            ErrorResponseException.class,
            e -> assertThat(e.errorResponse().code()).isEqualTo("AccessDenied"));
  }

  private static void put(MinioClient client, String name) throws Exception {
    client.putObject(
        PutObjectArgs.builder().bucket(BUCKET).object(name).stream(
                new ByteArrayInputStream(new byte[1]), 1L, -1L)
            .build());
  }

  private static void get(MinioClient client, String name) throws Exception {
    client.getObject(GetObjectArgs.builder().bucket(BUCKET).object(name).build()).close();
  }

  private static void remove(MinioClient client, String name) throws Exception {
    client.removeObject(RemoveObjectArgs.builder().bucket(BUCKET).object(name).build());
  }
}
