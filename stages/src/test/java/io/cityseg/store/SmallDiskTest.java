package io.cityseg.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Disks that are full or may only be read, where this machine lets a test mount them. */
class SmallDiskTest {
  @TempDir Path folder;

  private Path disk;

  @BeforeEach
  void requireMounts() throws Exception {
    assumeTrue(StorageProcess.canMount(), "skipped: nothing can be mounted here (unshare -rm)");
    disk = Files.createDirectory(folder.resolve("disk"));
  }

  private String onASmallDisk(Map<String, String> environment, String... arguments)
      throws Exception {
    String mount = "mount -t tmpfs -o size=3m tmpfs " + disk;
    return StorageProcess.start(
            StorageProcess.mounting(mount), folder, environment, List.of(arguments))
        .output();
  }

  @Test
  void put_whenTheDiskIsFull_leavesWhatIsWholeAndSaysWhatWasNeeded() throws Exception {
    String output = onASmallDisk(Map.of(), "fill", disk.resolve("store").toString());

    assertThat(output.lines()).hasSize(2);
    assertThat(output)
        .contains(" (262144 bytes) to the store %s: only ".formatted(disk.resolve("store")))
        .contains(" bytes are free there (")
        .contains("No space left on device); free some space or choose another store")
        .contains("whole true, all true, temporaries 0");
  }

  @Test
  void file_whenTheCachesDiskIsFull_saysWhatWasNeeded() throws Exception {
    S3Server server = S3Server.startOpen(folder);
    try {
      ArtifactStore store = new ArtifactStore(S3Server.open(server.address()));
      for (int n = 0; n < 16; n++) {
        store.put("noise", StorageProcess.content(n));
      }
      S3Address address = server.address();

      String output =
          onASmallDisk(
              Map.of("CITYSEG_CACHE_DIR", disk.resolve("cache").toString()),
              "fetch",
              "s3://cityseg-test/a/store?endpoint=%s&credentials=%s"
                  .formatted(server.endpoint(), address.credentials().orElseThrow()),
              "16");

      assertThat(output.lines().filter(line -> line.startsWith("StoreException: ")))
          .hasSize(1)
          .first()
          .asString()
          .contains("free some space or choose another folder with --cache-dir");
      assertThat(output.lines().filter(line -> line.contains("WARN")))
          .as("bytes that could not be kept are said once")
          .hasSizeLessThanOrEqualTo(1);
    } finally {
      server.stop();
    }
  }

  @Test
  void openForReading_whenTheDiskMayOnlyBeRead_readsAndWritesNothing() throws Exception {
    Path root = disk.resolve("store");
    new ArtifactStore(LocalObjects.open(root)).put("noise", StorageProcess.content(0));
    String readOnly = "mount --bind %1$s %1$s && mount -o remount,ro,bind %1$s".formatted(disk);

    String output =
        StorageProcess.start(
                StorageProcess.mounting(readOnly),
                folder,
                Map.of(),
                List.of("look", root.toString()))
            .output();

    assertThat(output.lines())
        .containsExactly(
            "listed 1",
            "read true",
            "problem none",
            "StoreException: Cannot use %s as a store: it cannot be read and written (%s: Read-only file system); correct the permissions or choose another directory"
                .formatted(root, output.replaceAll("(?s).*written \\((.*?): Read-only.*", "$1")));
  }
}
