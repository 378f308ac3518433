package io.cityseg.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.nio2blob.FilesystemNio2BlobStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A bucket whose server goes away in the middle of a run and stays away. */
class StoreOutageIT {
  @TempDir Path folder;

  @Test
  void run_whenTheServerStaysAway_failsOnceAndTheNextRunTakesUp() throws Exception {
    Files.createDirectories(folder.resolve("server/bucket"));
    TinyDataSet data = TinyDataSet.draw(folder.resolve("scenes"));
    S3Proxy server = start(0);
    int port = server.getPort();

    Process run = run(data, port);
    List<String> said = new ArrayList<>();
    try (BufferedReader lines = run.errorReader(UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        said.add(line);
        if (line.startsWith("trainids: done")) {
          server.stop();
        }
      }
    }

    assertThat(run.waitFor()).as(said.toString()).isEqualTo(ExitCode.FAILED);
    assertThat(said.stream().filter(line -> line.startsWith("cityseg: ")))
        .hasSize(1)
        .first()
        .asString()
        .contains("the store s3://bucket/store at http://127.0.0.1:" + port)
        .contains(": no answer from http://127.0.0.1:" + port + " (tried ")
        .endsWith("check that it runs and can be reached from here, and run again");
    assertThat(said).noneMatch(line -> line.startsWith("\tat "));

    S3Proxy again = start(port);
    try {
      Process next = run(data, port);
      String record = new String(next.getInputStream().readAllBytes(), UTF_8);
      String errors = new String(next.getErrorStream().readAllBytes(), UTF_8);
      Cli.Result result = new Cli.Result(next.waitFor(), record, errors);
      assertThat(result.code()).as(errors).isZero();
      assertThat(result.ran().keySet()).contains("train").doesNotContain("ingest", "trainids");
    } finally {
      again.stop();
    }
  }

  private S3Proxy start(int port) throws Exception {
    S3Proxy server =
        S3Proxy.builder()
            .blobStore(new FilesystemNio2BlobStore(folder.resolve("server").toString()))
            .endpoint(URI.create("http://127.0.0.1:" + port))
            .awsAuthentication(AuthenticationType.AWS_V2_OR_V4, "access", "outage-secret")
            .ignoreUnknownHeaders(true)
            .stopTimeout(0)
            .build();
    server.start();
    return server;
  }

  private Process run(TinyDataSet data, int port) throws Exception {
    ProcessBuilder builder =
        RunProcess.of(
            folder,
            List.of(
                "--store",
                "s3://bucket/store",
                "--s3-endpoint",
                "http://127.0.0.1:" + port,
                "--data",
                data.root().toString()));
    builder.environment().put("AWS_ACCESS_KEY_ID", "access");
    builder.environment().put("AWS_SECRET_ACCESS_KEY", "outage-secret");
    builder.environment().put("CITYSEG_CACHE_DIR", folder.resolve("cache").toString());
    builder.environment().put("CITYSEG_S3_PATIENCE", "3");
    return builder.start();
  }
}
