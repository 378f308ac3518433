package io.cityseg.cli;

import io.minio.MakeBucketArgs;
import io.minio.MinioClient;
import java.io.File;
import java.io.IOException;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A MinIO server that can be stopped and started again, at the same address. */
final class MinioProcess {
  static final String BUCKET = "cityseg-test";

  static final String USER = "cityseg-test-user";

  private final Path program;
  private final Path folder;
  private final String secret;
  private final String region;
  private final int port;
  private final int consolePort;
  private Process process;

  private MinioProcess(Path program, Path folder, String secret, String region) throws IOException {
    this.program = program;
    this.folder = folder;
    this.secret = secret;
    this.region = region;
    this.port = freePort();
    this.consolePort = freePort();
  }

  /**
   * The program, where one is installed: named by {@code CITYSEG_TEST_MINIO}, or {@code minio} on
   * the path.
   */
  static Optional<Path> program() {
    String named = System.getenv("CITYSEG_TEST_MINIO");
    if (named != null && !named.isBlank()) {
      return Optional.of(Path.of(named));
    }
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
        .map(directory -> Path.of(directory, "minio"))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /** A server with an empty bucket, over a folder of the test. */
  static MinioProcess start(Path program, Path folder, String secret) throws Exception {
    return start(program, folder, secret, "us-east-1");
  }

  /** The same in a region. */
  static MinioProcess start(Path program, Path folder, String secret, String region)
      throws Exception {
    MinioProcess server = new MinioProcess(program, folder, secret, region);
    server.start();
    MinioClient client = server.client();
    client.makeBucket(MakeBucketArgs.builder().bucket(BUCKET).build());
    client.close();
    return server;
  }

  /** A client that may do everything. */
  MinioClient client() {
    return MinioClient.builder()
        .endpoint(endpoint())
        .region(region)
        .credentials(USER, secret)
        .build();
  }

  /** Starts it, over what it has stored. */
  void start() throws Exception {
    ProcessBuilder command =
        new ProcessBuilder(
            program.toString(),
            "server",
            Files.createDirectories(folder.resolve("minio")).toString(),
            "--quiet",
            "--address",
            "127.0.0.1:" + port,
            "--console-address",
            "127.0.0.1:" + consolePort);
    command
        .environment()
        .putAll(
            Map.of(
                "MINIO_ROOT_USER",
                USER,
                "MINIO_ROOT_PASSWORD",
                secret,
                "MINIO_REGION",
                region,
                "MINIO_BROWSER",
                "off"));
    process =
        command
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
            .start();
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (!isReady()) {
      if (!process.isAlive() || System.nanoTime() > deadline) {
        throw new AssertionError("MinIO did not start: " + Files.readString(log()));
      }
      process.waitFor(50, TimeUnit.MILLISECONDS);
    }
  }

  /** Ends it as a crash does: without a word to its clients. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  String endpoint() {
    return "http://127.0.0.1:" + port;
  }

  private boolean isReady() throws IOException {
    HttpURLConnection connection =
        (HttpURLConnection) URI.create(endpoint() + "/minio/health/ready").toURL().openConnection();
    try {
      return connection.getResponseCode() == 200;
    } catch (ConnectException e) {
      return false;
    } finally {
      connection.disconnect();
    }
  }

  private Path log() {
    return folder.resolve("minio.log");
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }
}
