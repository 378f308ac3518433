package io.cityseg.store;

import org.junit.jupiter.api.AfterEach;

/** A bucket of an S3 server in this JVM. */
class S3ProxyContractTest extends ObjectStorageContract {
  private S3Server server;

  @Override
  ObjectStorage openEmpty() throws Exception {
    server = S3Server.start(folder);
    return S3Server.open(server.address());
  }

  @AfterEach
  void stop() throws Exception {
    server.stop();
  }
}
