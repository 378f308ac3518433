package io.cityseg.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cityseg.store.S3Address.Addressing;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A bucket of a server that speaks TLS with a certificate of its own, named in the host. */
class S3TlsContractTest extends ObjectStorageContract {
  @TempDir static Path serverFolder;

  private static S3Server server;
  private static TestCertificates certificates;
  private static int stores;

  @BeforeAll
  static void start() throws Exception {
    certificates = TestCertificates.make(serverFolder);
    server = S3Server.start(serverFolder, Optional.of(certificates.server()), "local-secret");
  }

  @AfterAll
  static void stop() throws Exception {
    server.stop();
  }

  @Override
  ObjectStorage openEmpty() throws Exception {
    stores++;
    return S3Server.open(address(Optional.of(Addressing.VIRTUAL), true));
  }

  private static S3Address address(Optional<Addressing> addressing, boolean trusting)
      throws Exception {
    S3Address address = server.address(stores);
    return new S3Address(
        address.bucket(),
        address.prefix(),
        address.endpoint(),
        address.region(),
        addressing,
        trusting ? Optional.of(certificates.ca()) : Optional.empty(),
        address.credentials(),
        address.cache(),
        address.cacheBytes());
  }

  @Test
  void open_whenTheBucketIsNamedInThePath_isTheSameStore() throws Exception {
    ObjectStorage virtual = S3Server.open(address(Optional.of(Addressing.VIRTUAL), true));
    virtual.createIfAbsent("a", bytes("one"));

    ObjectStorage path = S3Server.open(address(Optional.of(Addressing.PATH), true));

    assertThat(path.read("a", 10)).hasValue(bytes("one"));
  }

  @Test
  void open_whenTheAuthorityIsNotTrusted_saysWhatToDo() {
    assertThatThrownBy(() -> S3Server.open(address(Optional.of(Addressing.PATH), false)))
        .isInstanceOf(StoreException.class)
        .hasMessageStartingWith("Cannot use the store s3://cityseg-test/store-")
        .hasMessageContaining("no secure connection")
        .hasMessageContaining("--s3-ca");
  }

  @Test
  void open_whenTheEndpointSaysHttp_saysSo() throws Exception {
    S3Address plain = server.address("http://127.0.0.1:" + server.port());

    assertThatThrownBy(() -> S3Server.open(plain))
        .isInstanceOf(StoreException.class)
        .hasMessageStartingWith(
            "Cannot use the store s3://cityseg-test/a/store at http://127.0.0.1:");
  }
}
