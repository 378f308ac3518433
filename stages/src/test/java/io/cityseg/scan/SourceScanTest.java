package io.cityseg.scan;

import static io.cityseg.scan.SampleTree.path;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cityseg.proto.SourceFile;
import io.cityseg.store.Digest;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SourceScanTest {
  @TempDir Path folder;

  private Scanned scan(Path... folders) throws Exception {
    return Scanned.of(folder, folders);
  }

  @Test
  void scan_whenTreeIsComplete_listsItsFilesByPathWithTheirDigests() throws Exception {
    SampleTree tree = SampleTree.complete(folder.resolve("set"));
    Scanned found = scan(tree.root());
    assertThat(found.paths())
        .hasSize(9)
        .isSorted()
        .contains(path(SourceKind.IMAGE, "train", "aa", 1))
        .contains(path(SourceKind.POLYGONS, "train", "bb", 2))
        .contains(path(SourceKind.LABEL_IDS, "val", "cc", 3));
    for (SourceFile file : found.listing().getFilesList()) {
      Path onDisk = tree.root().resolve(file.getPath());
      assertThat(file.getSha256()).isEqualTo(Digest.of(onDisk).hex());
      assertThat(file.getSize()).isEqualTo(Files.size(onDisk));
    }
  }

  @Test
  void scan_whenThereAreOtherFiles_leavesThemOutAndSaysWhich() throws Exception {
    SampleTree tree = SampleTree.complete(folder.resolve("set"));
    tree.write("gtFine/train/aa/aa_000001_000019_gtFine_color.png", new byte[1]);
    tree.write("leftImg8bit/train/aa/Thumbs.db", new byte[1]);
    tree.write("leftImg8bit/train/aa/._aa_000001_000019_leftImg8bit.png", new byte[1]);
    tree.write("leftImg8bit/train/.hidden/aa_000009_000019_leftImg8bit.png", new byte[1]);
    tree.write("gtFine/val/cc/cc_000003_000019_gtFine_labelids.png", new byte[1]);
    tree.write("README", new byte[1]);
    Scanned found = scan(tree.root());
    assertThat(found.paths()).hasSize(9);
    assertThat(found.found().ignored()).isEqualTo(2);
    assertThat(found.found().firstIgnored())
        .hasValue("gtFine/val/cc/cc_000003_000019_gtFine_labelids.png");
  }

  @Test
  void scan_whenThereIsATestSplit_countsItsImagesAndLeavesThemOut() throws Exception {
    SampleTree tree = SampleTree.complete(folder.resolve("set"));
    tree.item("test", "dd", 4);
    tree.item("test", "dd", 5);
    Scanned found = scan(tree.root());
    assertThat(found.found().testImages()).isEqualTo(2);
    assertThat(found.paths()).hasSize(9).noneMatch(path -> path.contains("/test/"));
  }

  @Test
  void scan_whenPartsLieInTwoFolders_givesTheListingOfOneFolder() throws Exception {
    SampleTree tree = SampleTree.complete(folder.resolve("set"));
    Scanned whole = scan(tree.root());
    Path other = Files.createDirectory(folder.resolve("labels"));
    Files.move(tree.root().resolve("gtFine"), other.resolve("gtFine"));
    assertThat(scan(other, tree.root()).listing()).isEqualTo(whole.listing());
  }

  @Test
  void scan_whenAFolderIsGivenTwice_countsItOnce() throws Exception {
    SampleTree tree = SampleTree.complete(folder.resolve("set"));
    Path link = Files.createSymbolicLink(folder.resolve("link"), tree.root());
    assertThat(scan(tree.root(), tree.root().resolve("."), link).paths()).hasSize(9);
  }

  @Test
  void scan_whenALinkLeadsToAFolderAbove_ends() throws Exception {
    SampleTree tree = SampleTree.complete(folder.resolve("set"));
    Files.createSymbolicLink(tree.root().resolve("leftImg8bit/train/loop"), tree.root());
    Files.createSymbolicLink(
        tree.root().resolve("leftImg8bit/train/aa/loop"), tree.root().resolve("leftImg8bit/train"));
    Files.createSymbolicLink(tree.root().resolve("gtFine/val/self"), Path.of("self"));
    assertThat(scan(tree.root()).paths()).contains(path(SourceKind.IMAGE, "train", "aa", 1));
  }

  @Test
  void scan_whenTheCityIsALink_followsIt() throws Exception {
    SampleTree tree = SampleTree.complete(folder.resolve("set"));
    Path moved = folder.resolve("elsewhere");
    Files.move(tree.root().resolve("leftImg8bit/train/aa"), moved);
    Files.createSymbolicLink(tree.root().resolve("leftImg8bit/train/aa"), moved);
    assertThat(scan(tree.root()).paths()).hasSize(9);
  }

  @Test
  void scan_whenFolderIsMissing_namesItAndWhatToGive() {
    Path missing = folder.resolve("missing");
    assertThatThrownBy(() -> scan(missing))
        .isInstanceOf(DataFolderException.class)
        .hasMessageContaining(missing + " does not exist")
        .hasMessageContaining("leftImg8bit/ and gtFine/");
  }

  @Test
  void scan_whenFolderIsAnArchive_saysToUnpackIt() throws Exception {
    Path file = Files.write(folder.resolve("leftImg8bit_trainvaltest.zip"), new byte[1]);
    assertThatThrownBy(() -> scan(file))
        .hasMessageContaining("is a file")
        .hasMessageContaining("unpack");
  }

  @Test
  void scan_whenGivenGtFineItself_saysToNameTheFolderAbove() throws Exception {
    SampleTree tree = SampleTree.complete(folder.resolve("set"));
    assertThatThrownBy(() -> scan(tree.root().resolve("gtFine")))
        .isInstanceOf(DataFolderException.class)
        .hasMessageContaining("neither leftImg8bit/ nor gtFine/")
        .hasMessageContaining("name the folder above it, " + tree.root());
  }

  @Test
  void scan_whenFolderHasSplitsItself_saysWhereTheyBelong() throws Exception {
    Files.createDirectories(folder.resolve("flat/train/aa"));
    assertThatThrownBy(() -> scan(folder.resolve("flat")))
        .hasMessageContaining("it has train/ itself");
  }

  @Test
  void scan_whenThereAreLabelsOnly_saysThatImagesAreMissing() throws Exception {
    Files.createDirectories(folder.resolve("set/gtFine/train"));
    assertThatThrownBy(() -> scan(folder.resolve("set")))
        .isInstanceOf(DataFolderException.class)
        .hasMessageContaining("no images");
  }

  @Test
  void scan_whenNoFolderIsGiven_saysSo() {
    assertThatThrownBy(this::scan).hasMessageContaining("No data folder is given");
  }
}
