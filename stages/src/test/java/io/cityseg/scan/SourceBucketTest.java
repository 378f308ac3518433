package io.cityseg.scan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cityseg.store.S3Address;
import io.cityseg.store.S3Server;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SourceBucketTest {
  @TempDir Path folder;

  private S3Server server;

  @BeforeEach
  void start() throws Exception {
    server = S3Server.start(folder);
  }

  @AfterEach
  void stop() throws Exception {
    server.stop();
  }

  @Test
  void scan_whenFilesHaveStrangeNames_findsWhatAFolderOfTheSameFilesHas() throws Exception {
    // the server's bucket is a folder, so the two are the same files
    SampleTree tree = SampleTree.complete(folder.resolve("s3proxy").resolve(S3Server.BUCKET));
    tree.item("test", "dd", 4);
    tree.write("leftImg8bit/train/aa/holiday.jpg", new byte[1]);
    tree.write("leftImg8bit/train/aa/._aa_000001_000019_leftImg8bit.png", new byte[1]);
    tree.write("leftImg8bit/train/aa/Thumbs.db", new byte[1]);
    tree.write("gtFine/train/aa/aa_000001_000019_gtFine_color.png", new byte[1]);
    Scanned onDisk = Scanned.of(folder.resolve("one"), tree.root());

    Scanned inBucket = Scanned.of(folder.resolve("two"), List.of(bucket()));

    assertThat(inBucket.listing()).isEqualTo(onDisk.listing());
    assertThat(inBucket.found()).isEqualTo(onDisk.found());
    assertThat(inBucket.found().testImages()).isEqualTo(1);
    assertThat(inBucket.found().firstIgnored()).hasValue("leftImg8bit/train/aa/Thumbs.db");
    assertThat(inBucket.paths()).contains("leftImg8bit/train/aa/holiday.jpg");
    assertThat(Scanned.of(folder.resolve("two"), List.of(bucket())).found().hashed()).isZero();
  }

  @Test
  void scan_whenImagesAreInABucketAndLabelsInAFolder_givesTheListingOfOneFolder() throws Exception {
    SampleTree tree = SampleTree.complete(folder.resolve("set"));
    Scanned whole = Scanned.of(folder.resolve("one"), tree.root());
    Path bucket = folder.resolve("s3proxy").resolve(S3Server.BUCKET);
    Files.move(tree.root().resolve("leftImg8bit"), bucket.resolve("leftImg8bit"));
    Scanned parts = Scanned.of(folder.resolve("two"), List.of(tree.root().toString(), bucket()));
    assertThat(parts.listing()).isEqualTo(whole.listing());
  }

  @Test
  void scan_whenNothingIsBelowThePrefix_saysSo() {
    assertThatThrownBy(() -> Scanned.of(folder.resolve("one"), List.of(bucket())))
        .isInstanceOf(DataFolderException.class)
        .hasMessageContaining("is no data set")
        .hasMessageContaining("correct the prefix");
  }

  private String bucket() throws Exception {
    S3Address store = server.address();
    return new S3Address(
            store.bucket(),
            "",
            store.endpoint(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            store.credentials(),
            Optional.empty(),
            Optional.empty())
        .uri();
  }
}
