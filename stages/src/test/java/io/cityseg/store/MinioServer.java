package io.cityseg.store;

import io.minio.MakeBucketArgs;
import io.minio.MinioClient;
import java.io.File;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A MinIO server of its own process, where one is installed: named by {@code CITYSEG_TEST_MINIO},
 * or {@code minio} on the path.
 */
public final class MinioServer {
  private static final String USER = "cityseg-test-user";

  private final Process process;
  private final Path folder;
  private final int port;
  private final String secret;

  private MinioServer(Process process, Path folder, int port, String secret) {
    this.process = process;
    this.folder = folder;
    this.port = port;
    this.secret = secret;
  }

  /** The program, where there is one. */
  public static Optional<Path> binary() {
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
  public static MinioServer start(Path program, Path folder, String secret) throws Exception {
    int port = freePort();
    ProcessBuilder command =
        new ProcessBuilder(
            program.toString(),
            "server",
            Files.createDirectories(folder.resolve("minio")).toString(),
            "--quiet",
            "--address",
            "127.0.0.1:" + port,
            "--console-address",
            "127.0.0.1:" + freePort());
    command.environment().put("MINIO_ROOT_USER", USER);
    command.environment().put("MINIO_ROOT_PASSWORD", secret);
    command.environment().put("MINIO_BROWSER", "off");
    Process process =
        command
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("minio.log").toFile())
            .start();
    MinioServer server = new MinioServer(process, folder, port, secret);
    server.awaitReady();
    MinioClient client =
        MinioClient.builder().endpoint(server.endpoint()).credentials(USER, secret).build();
    client.makeBucket(MakeBucketArgs.builder().bucket(S3Server.BUCKET).build());
    client.close();
    return server;
  }

  private static int freePort() throws Exception {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private void awaitReady() throws Exception {
    Instant deadline = Instant.now().plus(Duration.ofSeconds(60));
    while (Instant.now().isBefore(deadline) && process.isAlive()) {
      HttpURLConnection connection =
          (HttpURLConnection)
              URI.create(endpoint() + "/minio/health/ready").toURL().openConnection();
      try {
        if (connection.getResponseCode() == 200) {
          return;
        }
      } catch (ConnectException e) {
        process.waitFor(50, TimeUnit.MILLISECONDS);
      } finally {
        connection.disconnect();
      }
    }
    throw new IllegalStateException(
        "MinIO did not start: " + Files.readString(folder.resolve("minio.log")));
  }

  public String endpoint() {
    return "http://127.0.0.1:" + port;
  }

  /** A store in the bucket, of which the credentials are in a file and the cache in a folder. */
  public S3Address address(String prefix) throws Exception {
    Path credentials = folder.resolve("minio-credentials");
    Files.writeString(
        credentials,
        "[default]%naws_access_key_id = %s%naws_secret_access_key = %s%n".formatted(USER, secret));
    return new S3Address(
        S3Server.BUCKET,
        prefix,
        Optional.of(endpoint()),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.of(credentials),
        Optional.of(folder.resolve("cache")),
        Optional.empty());
  }

  /** Stops it. */
  public void stop() throws Exception {
    process.destroy();
    if (!process.waitFor(10, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
    }
  }
}
