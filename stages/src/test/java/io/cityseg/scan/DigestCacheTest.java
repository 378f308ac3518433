package io.cityseg.scan;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.cityseg.store.Digest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
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
    byte[] place = tree.root().toString().getBytes(UTF_8);
    return folder.resolve("digests").resolve(Digest.of(place).hex());
  }

  private Scanned scan() throws Exception {
    return Scanned.of(folder, tree.root());
  }

  @Test
  void scan_whenNothingChanged_readsNoFileAndListsTheSame() throws Exception {
    Scanned first = scan();
    Scanned second = scan();
    assertThat(first.found().hashed()).isEqualTo(FILES);
    assertThat(second.found().hashed()).isZero();
    assertThat(second.listing()).isEqualTo(first.listing());
  }

  @Test
  void scan_whenAFileChangedAtTheSameSize_readsItAgain() throws Exception {
    Scanned first = scan();
    byte[] other = Files.readAllBytes(image);
    other[other.length / 2] ^= 1;
    Files.write(image, other);
    Scanned second = scan();
    assertThat(second.found().hashed()).isEqualTo(1);
    assertThat(second.listing()).isNotEqualTo(first.listing());
  }

  @Test
  void scan_whenAFileWasReplacedWithItsOldTime_readsItAgain() throws Exception {
    scan();
    Path other = Files.write(folder.resolve("other"), new byte[(int) Files.size(image)]);
    Files.setLastModifiedTime(other, LONG_AGO);
    Files.delete(image);
    Files.move(other, image);
    assertThat(scan().found().hashed()).isEqualTo(1);
  }

  @Test
  void scan_whenAFileWasWrittenJustNow_doesNotTrustItsTime() throws Exception {
    Files.setLastModifiedTime(image, FileTime.from(Instant.now()));
    scan();
    assertThat(scan().found().hashed()).isEqualTo(1);
  }

  @Test
  void scan_whenAFileIsFromTheFuture_doesNotTrustItsTime() throws Exception {
    Files.setLastModifiedTime(image, FileTime.from(Instant.now().plusSeconds(3600)));
    scan();
    assertThat(scan().found().hashed()).isEqualTo(1);
  }

  @Test
  void scan_whenTheCacheIsTruncated_readsEverything() throws Exception {
    Scanned first = scan();
    String text = Files.readString(cacheFile());
    Files.writeString(cacheFile(), text.substring(0, text.length() / 2));
    Scanned second = scan();
    assertThat(second.found().hashed()).isEqualTo(FILES);
    assertThat(second.listing()).isEqualTo(first.listing());
  }

  @Test
  void scan_whenADigitOfTheCacheFlipped_readsEverything() throws Exception {
    Scanned first = scan();
    String text = Files.readString(cacheFile());
    int digit = text.indexOf('\n') + 1;
    char flipped = text.charAt(digit) == '0' ? '1' : '0';
    Files.writeString(cacheFile(), text.substring(0, digit) + flipped + text.substring(digit + 1));
    Scanned second = scan();
    assertThat(second.found().hashed()).isEqualTo(FILES);
    assertThat(second.listing()).isEqualTo(first.listing());
  }

  @Test
  void scan_whenTheCacheIsNotText_readsEverything() throws Exception {
    Files.createDirectories(cacheFile().getParent());
    Files.write(cacheFile(), new byte[] {(byte) 0xFF, 0, 1});
    assertThat(scan().found().hashed()).isEqualTo(FILES);
  }

  @Test
  void scan_whenTheCacheCannotBeWritten_listsAllTheSame() throws Exception {
    Files.createFile(folder.resolve("digests"));
    assertThat(scan().listing().getFilesCount()).isEqualTo(FILES);
  }

  @Test
  void scan_whenAFileIsGone_forgetsIt() throws Exception {
    scan();
    Files.delete(image);
    scan();
    assertThat(Files.readString(cacheFile()))
        .contains(SampleTree.path(SourceKind.LABEL_IDS, "train", "aa", 1))
        .doesNotContain(SampleTree.path(SourceKind.IMAGE, "train", "aa", 1));
  }

  @Test
  void scan_whenAnotherTreeIsScanned_keepsWhatIsKnownOfTheFirst() throws Exception {
    scan();
    SampleTree other = SampleTree.complete(folder.resolve("set2"));
    Scanned.of(folder, other.root());
    assertThat(scan().found().hashed()).isZero();
  }

  @Test
  void scan_whenPlacesAreScannedTogether_keepsWhatIsKnownOfEach() throws Exception {
    scan();
    SampleTree other = SampleTree.complete(folder.resolve("set2"));
    other.delete(SampleTree.path(SourceKind.LABEL_IDS, "val", "cc", 3));
    assertThat(Scanned.of(folder, other.root(), tree.root()).found().hashed()).isEqualTo(FILES - 1);
    assertThat(scan().found().hashed()).isZero();
  }

  @Test
  void close_whenTheScanBrokeOff_keepsWhatItLearnedAndWhatWasKnownOfTheRest() throws Exception {
    scan();
    FoundFile first =
        new FoundFile(
            SampleTree.path(SourceKind.LABEL_IDS, "train", "aa", 1), 0, new FileVersion(1, 2, "3"));
    try (DigestCache cache = DigestCache.open(folder.resolve("digests"), tree.root().toString())) {
      assertThat(cache.lookup(first)).isEmpty();
      cache.remember(first, Digest.of(new byte[0]));
    }
    assertThat(Files.readString(cacheFile())).contains(" 1 2 3 " + first.path());
    assertThat(scan().found().hashed()).isEqualTo(1);
  }

  @Test
  void close_whenTheScanBrokeOffBeforeItsFirstFile_leavesAllAsItWas() throws Exception {
    scan();
    String before = Files.readString(cacheFile());
    DigestCache.open(folder.resolve("digests"), tree.root().toString()).close();
    assertThat(Files.readString(cacheFile())).isEqualTo(before);
  }

  @Test
  void scan_whenANameHasTheEndOfALine_readsThatFileAgainAndNoOther() throws Exception {
    for (String name : new String[] {"a\nb", "a\rb", "a b"}) {
      Path file = tree.write("leftImg8bit/train/aa/" + name + ".png", new byte[1]);
      Files.setLastModifiedTime(file, LONG_AGO);
    }
    scan();
    assertThat(scan().found().hashed()).isEqualTo(2);
  }

  @Test
  void scan_whenItEnds_leavesNoTemporaryFile() throws Exception {
    scan();
    scan();
    try (Stream<Path> files = Files.list(folder.resolve("digests"))) {
      assertThat(files).containsExactly(cacheFile());
    }
  }
}
