package io.cityseg.store;

import static io.cityseg.store.ObjectStorageContract.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BlobCacheTest {
  private static final long LARGE = 1 << 20;

  @TempDir Path folder;

  @Test
  void read_whenOffered_givesTheBytesToOtherUsersToo() throws Exception {
    BlobCache.open(folder, LARGE).offer(Digest.of(bytes("one")), bytes("one"));

    BlobCache other = BlobCache.open(folder, LARGE);

    assertThat(other.read(Digest.of(bytes("one")), 3)).hasValue(bytes("one"));
    assertThat(other.read(Digest.of(bytes("one")), 2)).isEmpty();
    assertThat(other.read(Digest.of(bytes("two")), 3)).isEmpty();
  }

  @Test
  void read_whenDamaged_isAMissAndForgetsIt() throws Exception {
    BlobCache cache = BlobCache.open(folder, LARGE);
    Digest digest = Digest.of(bytes("one"));
    cache.offer(digest, bytes("one"));
    Files.write(blob(digest), bytes("two"));

    assertThat(cache.read(digest, 10)).isEmpty();
    assertThat(blob(digest)).doesNotExist();
  }

  @Test
  void hold_whenDamaged_isAMiss() throws Exception {
    BlobCache cache = BlobCache.open(folder, LARGE);
    Digest digest = Digest.of(bytes("one"));
    cache.offer(digest, bytes("one"));
    Files.write(blob(digest), bytes("two"));

    assertThat(cache.hold(digest)).isEmpty();
  }

  @Test
  void offer_whenFull_dropsWhatWasNotUsedForLongest() throws Exception {
    BlobCache cache = BlobCache.open(folder, 1000);
    for (int n = 0; n < 9; n++) {
      byte[] content = content(n);
      cache.offer(Digest.of(content), content);
      Files.setLastModifiedTime(
          blob(Digest.of(content)), FileTime.from(Instant.ofEpochSecond(1_000_000 + n)));
    }
    cache.read(Digest.of(content(0)), 1000);

    byte[] another = new byte[300];
    cache.offer(Digest.of(another), another);

    assertThat(blob(Digest.of(content(0)))).as("used a moment ago").exists();
    assertThat(blob(Digest.of(another))).exists();
    assertThat(blob(Digest.of(content(1)))).as("the oldest").doesNotExist();
    assertThat(bytesKept()).isLessThanOrEqualTo(1000);
  }

  @Test
  void hold_whenTheBlobIsEvicted_keepsTheFile() throws Exception {
    BlobCache cache = BlobCache.open(folder, 200);
    cache.offer(Digest.of(content(1)), content(1));
    Path held = cache.hold(Digest.of(content(1))).orElseThrow();

    for (int n = 2; n < 9; n++) {
      cache.offer(Digest.of(content(n)), content(n));
    }

    assertThat(blob(Digest.of(content(1)))).doesNotExist();
    assertThat(held).hasBinaryContent(content(1));
  }

  @Test
  void keep_whenLargerThanTheCache_handsItOutAndKeepsNothing() throws Exception {
    BlobCache cache = BlobCache.open(folder, 10);
    Path file = Files.write(cache.newFile(), content(1));

    Path held = cache.keep(Digest.of(content(1)), file);

    assertThat(held).hasBinaryContent(content(1));
    assertThat(bytesKept()).isZero();
  }

  @Test
  void open_whenAProcessIsGone_removesItsLinks() throws Exception {
    BlobCache.open(folder, LARGE);
    Path use = folder.resolve("use");
    Path left = Files.createDirectory(use.resolve("123-gone"));
    Files.createFile(use.resolve("123-gone.lock"));
    Files.write(left.resolve("1-abc"), bytes("x"));

    BlobCache.open(folder, LARGE);

    assertThat(left).doesNotExist();
    assertThat(use.resolve("123-gone.lock")).doesNotExist();
  }

  @Test
  void open_whenOthersCanWrite_isRefused() throws Exception {
    Path shared = Files.createDirectory(folder.resolve("shared"));
    Files.setPosixFilePermissions(shared, PosixFilePermissions.fromString("rwxrwxrwx"));

    assertThatThrownBy(() -> BlobCache.open(shared, LARGE))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("others can write to it")
        .hasMessageContaining("--cache-dir");
  }

  private static byte[] content(int n) {
    byte[] content = new byte[100];
    content[0] = (byte) n;
    return content;
  }

  private Path blob(Digest digest) {
    return folder.resolve("sha256").resolve(digest.hex().substring(0, 2)).resolve(digest.hex());
  }

  private long bytesKept() throws Exception {
    try (Stream<Path> files = Files.walk(folder.resolve("sha256"))) {
      List<Path> blobs = files.filter(Files::isRegularFile).toList();
      long total = 0;
      for (Path blob : blobs) {
        total += Files.size(blob);
      }
      return total;
    }
  }
}
