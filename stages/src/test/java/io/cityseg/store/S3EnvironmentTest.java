package io.cityseg.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes that find the server, the credentials and the cache in their environment. */
class S3EnvironmentTest {
  private static final String SECRET = "secret-of-the-environment";

  @TempDir Path folder;

  private S3Server server;

  @BeforeEach
  void start() throws Exception {
    server = S3Server.start(folder, java.util.Optional.empty(), SECRET);
  }

  @AfterEach
  void stop() throws Exception {
    server.stop();
  }

  private Map<String, String> environment(String... more) {
    Map<String, String> environment = new HashMap<>();
    environment.put("CITYSEG_CACHE_DIR", folder.resolve("shared-cache").toString());
    environment.put("CITYSEG_S3_PATIENCE", "0");
    for (int i = 0; i < more.length; i += 2) {
      environment.put(more[i], more[i + 1]);
    }
    return environment;
  }

  private StorageProcess process(Map<String, String> environment, String... arguments)
      throws Exception {
    return StorageProcess.start("exec", folder, environment, List.of(arguments));
  }

  @Test
  void open_whenEndpointAndKeysAreVariables_takesThem() throws Exception {
    String output =
        process(
                environment(
                    "AWS_ENDPOINT_URL_S3",
                    server.endpoint(),
                    "AWS_ENDPOINT_URL",
                    "http://127.0.0.1:1",
                    "AWS_ACCESS_KEY_ID",
                    S3Server.ACCESS_KEY,
                    "AWS_SECRET_ACCESS_KEY",
                    SECRET),
                "create",
                "s3://cityseg-test/variables")
            .output();

    assertThat(output).isEqualTo("created true\n");
    assertThat(folder.resolve("s3proxy/cityseg-test/variables/a")).exists();
  }

  @Test
  void open_whenTheMachineHasARole_asksItsEndpointOnce() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    HttpServer metadata = metadata(200, credentials(), asked);
    try {
      String output =
          process(
                  environment(
                      "AWS_ENDPOINT_URL", server.endpoint(),
                      "AWS_CONTAINER_CREDENTIALS_FULL_URI", address(metadata)),
                  "create",
                  "s3://cityseg-test/role")
              .output();

      assertThat(output).isEqualTo("created true\n");
      assertThat(asked).as("for several requests to the store").hasValue(1);
    } finally {
      metadata.stop(0);
    }
  }

  @Test
  void open_whenTheMachinesRoleFails_saysWhereCredentialsWereLookedFor() throws Exception {
    HttpServer metadata = metadata(500, SECRET, new AtomicInteger());
    try {
      String output =
          process(
                  environment(
                      "AWS_ENDPOINT_URL", server.endpoint(),
                      "AWS_CONTAINER_CREDENTIALS_FULL_URI", address(metadata)),
                  "create",
                  "s3://cityseg-test/role")
              .output();

      assertThat(output)
          .startsWith(
              "StoreException: Cannot use the store s3://cityseg-test/role at %s: no credentials were found ("
                  .formatted(server.endpoint()))
          .contains("set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
          .doesNotContain(SECRET);
      assertThat(output.lines()).hasSize(1);
    } finally {
      metadata.stop(0);
    }
  }

  @Test
  void open_whenThePatienceIsNoNumber_saysSo() throws Exception {
    String output =
        process(environment("CITYSEG_S3_PATIENCE", "soon"), "create", "s3://cityseg-test/a")
            .output();

    assertThat(output)
        .isEqualTo(
            "StoreException: Invalid CITYSEG_S3_PATIENCE: 'soon' (must be a number of seconds, 0 to 999999)\n");
  }

  /** Four objects of six fit: they keep evicting what the other one is about to read. */
  @Test
  void file_whenProcessesShareACache_givesEachTheRightBytes() throws Exception {
    int objects = 6;
    ArtifactStore store = new ArtifactStore(S3Server.open(server.address()));
    for (int n = 0; n < objects; n++) {
      store.put("noise", StorageProcess.content(n));
    }
    Path cache = folder.resolve("shared-cache");
    Map<String, String> environment =
        environment(
            "CITYSEG_CACHE_SIZE",
            Integer.toString(4 * StorageProcess.OBJECT_BYTES),
            "AWS_ENDPOINT_URL",
            server.endpoint(),
            "AWS_ACCESS_KEY_ID",
            S3Server.ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY",
            SECRET);
    String[] fetch = {"fetch", "s3://cityseg-test/a/store", Integer.toString(objects)};

    List<StorageProcess> processes =
        List.of(
            process(environment, fetch), process(environment, fetch), process(environment, fetch));

    for (StorageProcess one : processes) {
      assertThat(one.output()).isEqualTo("fetched\n");
    }
    BlobCache.open(cache, 1);
    assertThat(files(cache.resolve("tmp"))).as("unfinished").isEmpty();
    assertThat(files(cache.resolve("use")).filter(file -> !file.toString().endsWith(".lock")))
        .as("links of processes that are gone")
        .isEmpty();
    assertThat(files(cache.resolve("sha256")).count())
        .as("the limit, and what each process adds before it looks again")
        .isBetween(1L, 4L + 3);
  }

  private static Stream<Path> files(Path root) throws Exception {
    try (Stream<Path> all = Files.walk(root)) {
      return all.filter(Files::isRegularFile).toList().stream();
    }
  }

  private static String credentials() {
    return """
        {"Code": "Success", "AccessKeyId": "%s", "SecretAccessKey": "%s", "Expiration": "2999-01-01T00:00:00Z"}
        """
        .formatted(S3Server.ACCESS_KEY, SECRET);
  }

  private static HttpServer metadata(int status, String body, AtomicInteger asked)
      throws Exception {
    HttpServer metadata =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    metadata.createContext(
        "/",
        exchange -> {
          asked.incrementAndGet();
          byte[] answer = body.getBytes(UTF_8);
          exchange.sendResponseHeaders(status, answer.length);
          exchange.getResponseBody().write(answer);
          exchange.close();
        });
    metadata.start();
    return metadata;
  }

  private static String address(HttpServer metadata) {
    return "http://127.0.0.1:" + metadata.getAddress().getPort() + "/role";
  }
}
