package io.cityseg.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.cityseg.stage.ProgressSink;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DigestCacheTest {
  private static final FileTime LONG_AGO = FileTime.from(Instant.parse("2020-02-02T02:02:02Z"));
  private static final int FILES = 9;

  @TempDir Path folder;
  private SampleTree tree;
  private Path image;

  @BeforeEach
  void makeOldTree() throws Exception {
    tree = SampleTree.complete(folder.resolve("set"));
    image = tree.root().resolve(SampleTree.path(SourceKind.IMAGE, "train", "aa", 1));
    try (Stream<Path> files = Files.walk(tree.root())) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.setLastModifiedTime(file, LONG_AGO);
      }
    }
  }

  private Path cacheFile() {
    return folder.resolve("cache/digests");
  }

  private SourceScan.Found scan() throws Exception {
    return SourceScan.scan(List.of(tree.root()), DigestCache.open(cacheFile()), ProgressSink.NONE);
  }

  @Test
  void scan_whenNothingChanged_readsNoFileAndListsTheSame() throws Exception {
    SourceScan.Found first = scan();
    SourceScan.Found second = scan();
    assertThat(first.hashed()).isEqualTo(FILES);
    assertThat(second.hashed()).isZero();
    assertThat(second.listing()).isEqualTo(first.listing());
  }

  @Test
  void scan_whenAFileChangedAtTheSameSize_readsItAgain() throws Exception {
    SourceScan.Found first = scan();
    byte[] other = Files.readAllBytes(image);
    other[other.length / 2] ^= 1;
    Files.write(image, other);
    SourceScan.Found second = scan();
    assertThat(second.hashed()).isEqualTo(1);
    assertThat(second.listing()).isNotEqualTo(first.listing());
  }

  @Test
  void scan_whenAFileWasReplacedWithItsOldTime_readsItAgain() throws Exception {
    scan();
    Path other = Files.write(folder.resolve("other"), new byte[(int) Files.size(image)]);
    Files.setLastModifiedTime(other, LONG_AGO);
    Files.delete(image);
    Files.move(other, image);
    assertThat(scan().hashed()).isEqualTo(1);
  }

  @Test
  void scan_whenAFileWasWrittenJustNow_doesNotTrustItsTime() throws Exception {
    Files.setLastModifiedTime(image, FileTime.from(Instant.now()));
    scan();
    assertThat(scan().hashed()).isEqualTo(1);
  }

  @Test
  void scan_whenAFileIsFromTheFuture_doesNotTrustItsTime() throws Exception {
    Files.setLastModifiedTime(image, FileTime.from(Instant.now().plusSeconds(3600)));
    scan();
    assertThat(scan().hashed()).isEqualTo(1);
  }

  @Test
  void scan_whenTheCacheIsTruncated_readsEverything() throws Exception {
    SourceScan.Found first = scan();
    String text = Files.readString(cacheFile());
    Files.writeString(cacheFile(), text.substring(0, text.length() / 2));
    SourceScan.Found second = scan();
    assertThat(second.hashed()).isEqualTo(FILES);
    assertThat(second.listing()).isEqualTo(first.listing());
  }

  @Test
  void scan_whenADigitOfTheCacheFlipped_readsEverything() throws Exception {
    SourceScan.Found first = scan();
    String text = Files.readString(cacheFile());
    int digit = text.indexOf('\n') + 1;
    char flipped = text.charAt(digit) == '0' ? '1' : '0';
    Files.writeString(cacheFile(), text.substring(0, digit) + flipped + text.substring(digit + 1));
    SourceScan.Found second = scan();
    assertThat(second.hashed()).isEqualTo(FILES);
    assertThat(second.listing()).isEqualTo(first.listing());
  }

  @Test
  void scan_whenTheCacheIsNotText_readsEverything() throws Exception {
    Files.createDirectories(cacheFile().getParent());
    Files.write(cacheFile(), new byte[] {(byte) 0xFF, 0, 1});
    assertThat(scan().hashed()).isEqualTo(FILES);
  }

  @Test
  void scan_whenTheCacheCannotBeWritten_listsAllTheSame() throws Exception {
    Files.createFile(folder.resolve("cache"));
    assertThat(scan().listing().getFilesCount()).isEqualTo(FILES);
  }

  @Test
  void scan_whenAFileIsGone_forgetsIt() throws Exception {
    scan();
    Files.delete(image);
    scan();
    assertThat(Files.readString(cacheFile())).doesNotContain(image.toString());
  }

  @Test
  void scan_whenAnotherTreeIsScanned_keepsWhatIsKnownOfTheFirst() throws Exception {
    scan();
    SampleTree other = SampleTree.complete(folder.resolve("set2"));
    SourceScan.scan(List.of(other.root()), DigestCache.open(cacheFile()), ProgressSink.NONE);
    assertThat(scan().hashed()).isZero();
  }
}
