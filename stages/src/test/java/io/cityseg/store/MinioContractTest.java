package io.cityseg.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/**
 * A bucket of a MinIO server, where one is installed: {@code minio} on the path, or named by {@code
 * CITYSEG_TEST_MINIO}.
 */
class MinioContractTest extends ObjectStorageContract {
  @TempDir static Path serverFolder;

  private static MinioServer server;
  private static int stores;

  @BeforeAll
  static void start() throws Exception {
    Optional<Path> program = MinioServer.binary();
    Assumptions.assumeTrue(
        program.isPresent(),
        "skipped: no MinIO server (put minio on the path, or name it in CITYSEG_TEST_MINIO)");
    server = MinioServer.start(program.orElseThrow(), serverFolder, "cityseg-test-secret");
  }

  @AfterAll
  static void stop() throws Exception {
    if (server != null) {
      server.stop();
    }
  }

  @Override
  ObjectStorage openEmpty() throws Exception {
    return S3Server.open(server.address("store-" + stores++));
  }

  @Test
  void createIfAbsent_whenLarge_isConditionalAndReadInRanges(TestInfo info) throws Exception {
    ObjectStorage objects = openEmpty();
    byte[] content = new byte[(int) (2 * S3Limits.MIN_PART_BYTES) + 12_345];
    new Random(info.getDisplayName().hashCode()).nextBytes(content);
    Path source = Files.write(folder.resolve("large"), content);
    Digest digest = Digest.of(content);
    String name = ArtifactStore.blobName(digest);

    assertThat(objects.createIfAbsent(name, source)).isTrue();
    assertThat(objects.createIfAbsent(name, source)).isFalse();
    ObjectStorage.VerifiedFile file = objects.file(name, digest).orElseThrow();

    assertThat(file.actual()).isEqualTo(digest);
    assertThat(file.path()).hasBinaryContent(content);
  }
}
