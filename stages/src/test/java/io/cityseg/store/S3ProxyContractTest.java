package io.cityseg.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
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

  @Test
  void sendAll_whenThereAreSeveral_sendsThemSideBySide() throws Exception {
    CyclicBarrier both = new CyclicBarrier(2);
    ObjectStorage.Request<Boolean> meeting =
        () -> {
          try {
            both.await(10, TimeUnit.SECONDS);
            return true;
          } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
            throw new StoreException("The other request was not sent meanwhile", e);
          }
        };

    assertThat(openEmpty().sendAll(List.of(meeting, meeting))).containsExactly(true, true);
  }
}
