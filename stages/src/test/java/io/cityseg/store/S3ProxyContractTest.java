package io.cityseg.store;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** A bucket of an S3 server in this JVM. */
class S3ProxyContractTest extends ObjectStorageContract {
  @TempDir static Path serverFolder;

  private static S3Server server;
  private static int stores;

  @BeforeAll
  static void start() throws Exception {
    server = S3Server.start(serverFolder);
  }

  @AfterAll
  static void stop() throws Exception {
    server.stop();
  }

  @Override
  ObjectStorage openEmpty() throws Exception {
    return S3Server.open(server.address(stores++));
  }
}
