package io.cityseg.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.cityseg.proto.ArtifactRef;
import io.cityseg.proto.InitConfig;
import io.cityseg.store.ArtifactStore;
import io.cityseg.store.ObjectStorages;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PretrainedWeightsTest {
  private static final byte[] CONTENT = "PK not quite".getBytes(StandardCharsets.US_ASCII);

  @TempDir Path folder;
  private final List<String> requests = new ArrayList<>();
  private HttpServer server;
  private String sha256;
  private PretrainedWeights weights;

  @BeforeEach
  void serve() throws Exception {
    sha256 = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(CONTENT));
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          requests.add(exchange.getRequestURI().getPath());
          if (exchange.getRequestURI().getPath().startsWith("/moved")) {
            boolean other = exchange.getRequestURI().getPath().endsWith("https");
            exchange
                .getResponseHeaders()
                .set("Location", other ? "https://127.0.0.1:9/w" : address("/w"));
            exchange.sendResponseHeaders(302, -1);
            exchange.close();
            return;
          }
          boolean whole = !exchange.getRequestURI().getPath().startsWith("/w-short");
          boolean found = exchange.getRequestURI().getPath().startsWith("/w");
          int length = whole ? CONTENT.length : CONTENT.length + 5;
          exchange.sendResponseHeaders(found ? 200 : 404, found ? length : -1);
          if (found) {
            exchange.getResponseBody().write(CONTENT);
          }
          exchange.close();
        });
    server.start();
    weights =
        new PretrainedWeights(
            new ArtifactStore(ObjectStorages.open(folder.resolve("store").toString())),
            folder.resolve("weights"),
            notice -> {});
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void put_whenTheNameHasTheHash_fetchesOnceAndStoresTheContent() throws Exception {
    String address = address("/w-" + sha256.substring(0, 8) + ".pth");
    Optional<ArtifactRef> first = put(address, "");
    assertThat(first.orElseThrow().getSha256()).isEqualTo(sha256);
    assertThat(first.get().getKind()).isEqualTo("pth");

    assertThat(put(address, "")).isEqualTo(first);
    assertThat(put(address("/elsewhere"), sha256)).isEqualTo(first);
    assertThat(requests).hasSize(1);
  }

  @Test
  void put_whenWhatWasKeptIsDamaged_fetchesItAgain() throws Exception {
    put(address("/w"), sha256);
    Files.write(folder.resolve("weights").resolve(sha256), new byte[] {1});
    assertThat(put(address("/w"), sha256).orElseThrow().getSha256()).isEqualTo(sha256);
    assertThat(requests).hasSize(2);
  }

  @Test
  void put_whenTheHashIsAnother_refusesAndKeepsNothing() throws Exception {
    assertThatThrownBy(() -> put(address("/w-00000000.pth"), ""))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("its SHA-256 is " + sha256 + " and must begin with 00000000");
    assertThat(folder.resolve("weights")).isEmptyDirectory();
  }

  @Test
  void put_whenTheAddressSaysNoHash_asksForOne() {
    assertThatThrownBy(() -> put(address("/w.pth?token=secret"), ""))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("set init.weights_sha256")
        .hasMessageNotContaining("secret");
    assertThat(requests).isEmpty();
  }

  @Test
  void put_whenThereIsNoSuchFileAtTheAddress_saysSo() {
    assertThatThrownBy(() -> put(address("/missing.pth?token=secret"), sha256))
        .isInstanceOf(WeightsException.class)
        .hasMessage(
            "Cannot fetch init.weights http://localhost/missing.pth: it answers 404 (must be 200)");
  }

  @Test
  void put_whenTheAddressHasMoved_followsItWithinTheProtocol() throws Exception {
    assertThat(put(address("/moved"), sha256).orElseThrow().getSha256()).isEqualTo(sha256);
    assertThatThrownBy(() -> put(address("/moved-https"), sha256.replace(sha256.charAt(0), '0')))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("it answers 302 and points to https://127.0.0.1:9/w, which is not");
  }

  @Test
  void put_whenTheDownloadBreaksOff_saysWhereAndKeepsNothing() {
    assertThatThrownBy(() -> put(address("/w-short"), sha256))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("it broke off after %d of %d bytes (", CONTENT.length, 17)
        .hasMessageEndingWith("; try again");
    assertThat(folder.resolve("weights")).isEmptyDirectory();
  }

  @Test
  void put_whenItIsAFile_checksTheHashInItsName() throws Exception {
    Path right = Files.write(folder.resolve("w-" + sha256.substring(0, 8) + ".pth"), CONTENT);
    assertThat(put(right.toString(), "").orElseThrow().getSha256()).isEqualTo(sha256);
    Path dated = Files.write(folder.resolve("w-20260101.pth"), CONTENT);
    assertThat(put(dated.toString(), "")).isPresent();
    Path wrong = Files.write(folder.resolve("w-cd0a2569.pth"), CONTENT);
    assertThatThrownBy(() -> put(wrong.toString(), ""))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("must begin with cd0a2569, as its name says");
    assertThat(put(wrong.toString(), sha256.toUpperCase(Locale.ROOT))).isPresent();
    assertThatThrownBy(() -> put(dated.toString(), "abc"))
        .isInstanceOf(WeightsException.class)
        .hasMessageStartingWith("Invalid init.weights_sha256: 'abc'");
  }

  @Test
  void put_whenThereAreNone_isEmpty() throws Exception {
    assertThat(put("", "")).isEmpty();
    assertThatThrownBy(() -> put("", sha256)).isInstanceOf(WeightsException.class);
  }

  private Optional<ArtifactRef> put(String file, String hash) throws Exception {
    return weights.put(InitConfig.newBuilder().setWeights(file).setWeightsSha256(hash).build());
  }

  private String address(String path) {
    return "http://localhost:" + server.getAddress().getPort() + path;
  }
}
