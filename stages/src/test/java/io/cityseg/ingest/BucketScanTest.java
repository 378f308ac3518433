package io.cityseg.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.cityseg.stage.ProgressSink;
import io.cityseg.store.S3Address;
import io.cityseg.store.S3Server;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BucketScanTest {
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
    SourceScan.Found onDisk =
        SourceScan.scan(
            List.of(tree.root()), DigestCache.open(folder.resolve("one")), ProgressSink.NONE);

    SourceScan.Found inBucket =
        BucketScan.scan(bucket(), DigestCache.open(folder.resolve("two")), ProgressSink.NONE);

    assertThat(inBucket).isEqualTo(onDisk);
    assertThat(inBucket.testImages()).isEqualTo(1);
    assertThat(inBucket.ignored()).containsExactly("leftImg8bit/train/aa/Thumbs.db");
    assertThat(inBucket.listing().getFilesList())
        .extracting(file -> file.getPath())
        .contains("leftImg8bit/train/aa/holiday.jpg");
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
