package io.cityseg.ingest;

import static io.cityseg.scan.SampleTree.HEIGHT;
import static io.cityseg.scan.SampleTree.WIDTH;
import static io.cityseg.scan.SampleTree.image;
import static io.cityseg.scan.SampleTree.instanceIds;
import static io.cityseg.scan.SampleTree.labelIds;
import static io.cityseg.scan.SampleTree.path;
import static io.cityseg.scan.SampleTree.polygons;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.tuple;

import io.cityseg.image.GreyImage;
import io.cityseg.image.ImageCodec;
import io.cityseg.proto.ActionKey;
import io.cityseg.proto.ArtifactRef;
import io.cityseg.proto.DatasetManifest;
import io.cityseg.proto.ImageItem;
import io.cityseg.proto.ImagesManifest;
import io.cityseg.proto.LabelItem;
import io.cityseg.proto.LabelSource;
import io.cityseg.proto.LabelsManifest;
import io.cityseg.proto.Piece;
import io.cityseg.proto.SourceItem;
import io.cityseg.proto.SourcesManifest;
import io.cityseg.scan.SampleTree;
import io.cityseg.scan.SourceKind;
import io.cityseg.scenes.SceneOptions;
import io.cityseg.scenes.SceneWriter;
import io.cityseg.stage.StageException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IngestStageTest {
  private static final String IMAGE = path(SourceKind.IMAGE, "train", "aa", 1);
  private static final String POLYGONS = path(SourceKind.POLYGONS, "train", "aa", 1);
  private static final String LABEL_IDS = path(SourceKind.LABEL_IDS, "train", "aa", 1);

  @TempDir Path folder;
  private SampleTree tree;
  private IngestRun run;

  @BeforeEach
  void makeTree() throws Exception {
    tree = SampleTree.complete(folder.resolve("set"));
    run = new IngestRun(folder.resolve("digests"), tree.root());
  }

  private String problemsOf(String labels) {
    return catchThrowableOfType(StageException.class, () -> run.dataset(labels)).getMessage();
  }

  @Test
  void ingest_whenTreeIsComplete_listsItemsBySplitAndId() throws Exception {
    tree.item("val", "ab", 9);
    DatasetManifest dataset = run.dataset("auto");
    ImagesManifest images = run.store().readManifest(dataset.getImages(), ImagesManifest.parser());
    LabelsManifest labels = run.store().readManifest(dataset.getLabels(), LabelsManifest.parser());
    assertThat(images.getItemsList())
        .extracting(ImageItem::getSplit, ImageItem::getId, ImageItem::getCity)
        .containsExactly(
            tuple("train", "aa_000001_000019", "aa"),
            tuple("train", "bb_000002_000019", "bb"),
            tuple("val", "ab_000009_000019", "ab"),
            tuple("val", "cc_000003_000019", "cc"));
    assertThat(labels.getItemsList())
        .extracting(LabelItem::getId)
        .containsExactlyElementsOf(images.getItemsList().stream().map(ImageItem::getId).toList());
    assertThat(dataset.getSplitsList())
        .extracting(s -> s.getSplit() + " " + s.getItems())
        .containsExactly("train 2", "val 2");
    ImageItem first = images.getItems(0);
    assertThat(first.getHeight()).isEqualTo(HEIGHT);
    assertThat(first.getWidth()).isEqualTo(WIDTH);
    assertThat(run.store().read(first.getImage()))
        .isEqualTo(Files.readAllBytes(tree.root().resolve(IMAGE)));
    assertThat(run.store().read(labels.getItems(0).getLabel()))
        .isEqualTo(Files.readAllBytes(tree.root().resolve(POLYGONS)));
  }

  @Test
  void ingest_whenEveryItemHasPolygons_takesThemByItself() throws Exception {
    assertThat(run.sources("auto")).containsOnly(LabelSource.POLYGONS);
    assertThat(run.sources("labelIds")).containsOnly(LabelSource.LABEL_IDS);
  }

  @Test
  void ingest_whenAnItemLacksPolygons_takesLabelIdsByItself() throws Exception {
    tree.delete(POLYGONS);
    assertThat(run.sources("auto")).containsOnly(LabelSource.LABEL_IDS);
    assertThat(problemsOf("polygons"))
        .contains("1 problem\n")
        .contains(IMAGE + ": has no label; expected " + POLYGONS);
  }

  @Test
  void ingest_whenALabelIsMissing_namesTheImageAndTheLabel() throws Exception {
    tree.delete(POLYGONS);
    tree.delete(LABEL_IDS);
    assertThat(problemsOf("auto")).contains(IMAGE + ": has no label; expected " + LABEL_IDS);
  }

  @Test
  void ingest_whenAnImageIsMissing_namesTheLabelAndTheImage() throws Exception {
    tree.delete(IMAGE);
    assertThat(problemsOf("auto")).contains(POLYGONS + ": has no image; expected " + IMAGE);
  }

  @Test
  void ingest_whenAnIdIsInBothSplits_saysSo() throws Exception {
    tree.item("val", "aa", 1);
    assertThat(problemsOf("auto"))
        .contains(path(SourceKind.IMAGE, "val", "aa", 1) + ": has the id of " + IMAGE);
  }

  @Test
  void ingest_whenAnItemIsInTwoFolders_saysSo() throws Exception {
    SampleTree other = new SampleTree(folder.resolve("other"));
    other.item("train", "aa", 1);
    run = new IngestRun(folder.resolve("digests"), tree.root(), other.root());
    assertThat(problemsOf("auto")).contains(IMAGE + ": is in two data folders");
  }

  @Test
  void ingest_whenANameIsNotOfTheLayout_saysWhatWasExpected() throws Exception {
    tree.write("leftImg8bit/train/aa/aa_1_2_leftImg8bit.png", image(HEIGHT, WIDTH, 1));
    tree.write("leftImg8bit/train/aa_000007_000019_leftImg8bit.png", image(HEIGHT, WIDTH, 1));
    tree.write("gtFine/train/bb/aa_000008_000019_gtFine_labelIds.png", labelIds(HEIGHT, WIDTH, 7));
    tree.write("gtFine/train/aa/aa_000009_000019_leftImg8bit.png", image(HEIGHT, WIDTH, 1));
    assertThat(problemsOf("auto"))
        .contains("4 problems")
        .contains("aa_1_2_leftImg8bit.png: its name does not match the layout")
        .contains("aa_000007_000019_leftImg8bit.png: is not in a city's folder")
        .contains(
            "aa_000008_000019_gtFine_labelIds.png: its name says city 'aa', its folder city 'bb'")
        .contains("aa_000009_000019_leftImg8bit.png: is in the wrong folder");
  }

  @Test
  void ingest_whenAPictureHasAnotherName_saysSo() throws Exception {
    tree.write("leftImg8bit/val/cc/cc_000004_000019.png", image(HEIGHT, WIDTH, 1));
    tree.write("leftImg8bit/train/aa/aa_000005_000019_leftImg8bit.JPG", image(HEIGHT, WIDTH, 1));
    assertThat(problemsOf("auto"))
        .contains("2 problems")
        .contains(
            "leftImg8bit/val/cc/cc_000004_000019.png: is a picture whose name does not end in")
        .contains("aa_000005_000019_leftImg8bit.JPG: is a picture whose name");
  }

  @Test
  void ingest_whenThereAreInstances_addsThemToTheSplitsSourcesAlone() throws Exception {
    DatasetManifest before = run.dataset("auto");
    byte[] instances = instanceIds(HEIGHT, WIDTH, 26_001);
    tree.write(path(SourceKind.INSTANCE_IDS, "val", "cc", 3), instances);

    DatasetManifest with = run.dataset("auto");

    assertThat(with.getImages()).isEqualTo(before.getImages());
    assertThat(with.getLabels()).isEqualTo(before.getLabels());
    assertThat(with.getSplits(0)).isEqualTo(before.getSplits(0));
    SourcesManifest sources =
        run.store().readManifest(with.getSplits(1).getSources(), SourcesManifest.parser());
    assertThat(sources.getItemsList()).hasSize(1);
    SourceItem item = sources.getItems(0);
    assertThat(item.getCity()).isEqualTo("cc");
    assertThat(item.getHeight()).isEqualTo(HEIGHT);
    assertThat(item.getLabelSource()).isEqualTo(LabelSource.POLYGONS);
    assertThat(run.store().read(item.getInstances())).isEqualTo(instances);
    SourcesManifest train =
        run.store().readManifest(with.getSplits(0).getSources(), SourcesManifest.parser());
    assertThat(train.getItemsList()).hasSize(2).noneMatch(SourceItem::hasInstances);
  }

  @Test
  void split_whenThereAreInstances_changesTheirItemsKeyAlone() throws Exception {
    List<Piece> before = run.pieces("auto");
    tree.write(path(SourceKind.INSTANCE_IDS, "val", "cc", 3), instanceIds(HEIGHT, WIDTH, 7));
    List<Piece> with = run.pieces("auto");
    assertThat(with.get(0).getKey()).isEqualTo(before.get(0).getKey());
    assertThat(with.get(2).getKey()).isNotEqualTo(before.get(2).getKey());
  }

  @Test
  void ingest_whenInstancesAreWrong_namesEveryFile() throws Exception {
    tree.write(path(SourceKind.INSTANCE_IDS, "train", "aa", 1), labelIds(HEIGHT, WIDTH, 7));
    tree.write(path(SourceKind.INSTANCE_IDS, "train", "bb", 2), instanceIds(HEIGHT, 3, 26_000));
    tree.write(path(SourceKind.INSTANCE_IDS, "val", "cc", 3), instanceIds(HEIGHT, WIDTH, 7_001));
    tree.write(path(SourceKind.INSTANCE_IDS, "val", "cc", 9), instanceIds(HEIGHT, WIDTH, 26_001));
    assertThat(problemsOf("auto"))
        .contains("4 problems")
        .contains("aa_000001_000019_gtFine_instanceIds.png holds 8-bit grey pixels; 16-bit")
        .contains("bb_000002_000019_gtFine_instanceIds.png: is 3 x 6 pixels, its image")
        .contains("cc_000003_000019_gtFine_instanceIds.png: has the instances 7001, whose label")
        .contains("cc_000009_000019_gtFine_instanceIds.png: has no image; expected");
  }

  @Test
  void ingest_whenASplitIsEmpty_saysSo() throws Exception {
    for (SourceKind kind : List.of(SourceKind.IMAGE, SourceKind.POLYGONS, SourceKind.LABEL_IDS)) {
      tree.delete(path(kind, "val", "cc", 3));
    }
    assertThat(problemsOf("auto")).contains("leftImg8bit/val: has no images");
  }

  @Test
  void ingest_whenImageIsTruncated_saysSo() throws Exception {
    byte[] whole = image(HEIGHT, WIDTH, 1);
    tree.write(IMAGE, Arrays.copyOf(whole, whole.length - 10));
    assertThat(problemsOf("auto")).contains("1 problem\n").contains(IMAGE + " is truncated");
  }

  @Test
  void ingest_whenImageIsGrey_saysWhatIsNeeded() throws Exception {
    tree.write(IMAGE, labelIds(HEIGHT, WIDTH, 7));
    assertThat(problemsOf("auto")).contains(IMAGE + " holds 8-bit grey pixels");
  }

  @Test
  void ingest_whenLabelIdsAreAColourPicture_saysSo() throws Exception {
    tree.write(LABEL_IDS, image(HEIGHT, WIDTH, 7));
    assertThat(problemsOf("labelIds")).contains(LABEL_IDS + " holds 8-bit RGB pixels");
  }

  @Test
  void ingest_whenLabelIdsAreUnknown_namesThem() throws Exception {
    tree.write(LABEL_IDS, labelIds(HEIGHT, WIDTH, 7, 34, 255));
    assertThat(problemsOf("labelIds"))
        .contains(LABEL_IDS + ": has pixels of the ids 34, 255")
        .contains("trainIds image?");
  }

  @Test
  void ingest_whenSizesDiffer_namesBoth() throws Exception {
    tree.write(IMAGE, image(HEIGHT + 1, WIDTH, 1));
    assertThat(problemsOf("auto"))
        .contains(POLYGONS + ": is 8 x 6 pixels, its image " + IMAGE + " is 8 x 7");
    assertThat(problemsOf("labelIds")).contains(LABEL_IDS + ": is 8 x 6 pixels");
  }

  @Test
  void ingest_whenPolygonsAreNoJson_saysSo() throws Exception {
    tree.write(POLYGONS, "{\"imgHeight\":".getBytes(StandardCharsets.UTF_8));
    assertThat(problemsOf("auto"))
        .contains("1 problem\n")
        .contains(POLYGONS + " is not a whole JSON");
  }

  @Test
  void ingest_whenPolygonsHaveAnUnknownLabel_namesIt() throws Exception {
    tree.write(POLYGONS, polygons(HEIGHT, WIDTH, "zebra"));
    assertThat(problemsOf("auto")).contains(POLYGONS).contains("unknown label 'zebra'");
  }

  @Test
  void ingest_whenLabelsAreDummies_saysSo() throws Exception {
    tree.write(POLYGONS, polygons(HEIGHT, WIDTH, "ego vehicle"));
    tree.write(LABEL_IDS, labelIds(HEIGHT, WIDTH, 0, 1, 2, 3));
    assertThat(problemsOf("auto")).contains(POLYGONS + ": is a dummy label");
    assertThat(problemsOf("labelIds")).contains(LABEL_IDS + ": is a dummy label");
  }

  @Test
  void ingest_whenThereAreNoObjects_saysThatItIsADummy() throws Exception {
    tree.write(
        POLYGONS,
        "{\"imgHeight\":6,\"imgWidth\":8,\"objects\":[]}".getBytes(StandardCharsets.UTF_8));
    assertThat(problemsOf("auto")).contains(POLYGONS + ": is a dummy label");
  }

  @Test
  void ingest_whenSeveralItemsAreBad_tellsOfAllAtOnce() throws Exception {
    tree.write(IMAGE, new byte[] {1, 2, 3});
    tree.write(POLYGONS, polygons(HEIGHT, WIDTH, "zebra"));
    tree.write(path(SourceKind.POLYGONS, "val", "cc", 3), polygons(HEIGHT, WIDTH, "out of roi"));
    assertThat(problemsOf("auto"))
        .startsWith("Cannot ingest the data set: 3 problems\n")
        .contains(IMAGE + " is not a PNG file")
        .contains("zebra")
        .contains("cc_000003_000019_gtFine_polygons.json: is a dummy label");
  }

  @Test
  void ingest_whenThereAreManyProblems_showsFiftyAndCountsTheRest() throws Exception {
    for (int i = 100; i < 160; i++) {
      tree.write(path(SourceKind.IMAGE, "train", "zz", i), image(HEIGHT, WIDTH, i));
    }
    assertThat(problemsOf("auto"))
        .contains("60 problems")
        .endsWith("\n  and 10 more")
        .satisfies(message -> assertThat(message.lines()).hasSize(52));
  }

  @Test
  void ingest_whenAnItemWasBadBefore_readsTheGoodOneAnew() throws Exception {
    byte[] good = Files.readAllBytes(tree.root().resolve(POLYGONS));
    tree.write(POLYGONS, polygons(HEIGHT, WIDTH, "zebra"));
    assertThat(problemsOf("auto")).contains("zebra");
    tree.write(POLYGONS, good);
    assertThat(run.dataset("auto").getSplitsCount()).isEqualTo(2);
  }

  @Test
  void run_whenAFileChangedSinceItWasListed_saysSo() throws Exception {
    List<Piece> pieces = run.pieces("auto");
    tree.write(IMAGE, image(HEIGHT, WIDTH, 77));
    assertThatThrownBy(() -> run.run(pieces.get(0)))
        .isInstanceOf(StageException.class)
        .hasMessageContaining(tree.root().resolve(IMAGE) + " changed while it was being ingested");
  }

  @Test
  void run_whenAFileIsGone_namesTheFolders() throws Exception {
    List<Piece> pieces = run.pieces("auto");
    tree.delete(IMAGE);
    assertThatThrownBy(() -> run.run(pieces.get(0)))
        .isInstanceOf(StageException.class)
        .hasMessageContaining(IMAGE)
        .hasMessageContaining(tree.root().toString());
  }

  @Test
  void split_whenTheTreeLiesElsewhere_givesTheSameKeys() throws Exception {
    List<Piece> here = run.pieces("auto");
    Path moved = folder.resolve("moved");
    Files.move(tree.root(), moved);
    run = new IngestRun(folder.resolve("digests"), moved);
    assertThat(run.pieces("auto")).extracting(Piece::getKey).isEqualTo(keys(here));
  }

  @Test
  void split_whenOneImageChanges_changesOneKey() throws Exception {
    List<Piece> before = run.pieces("auto");
    tree.write(IMAGE, image(HEIGHT, WIDTH, 77));
    List<Piece> after = run.pieces("auto");
    assertThat(after.get(0).getKey()).isNotEqualTo(before.get(0).getKey());
    assertThat(keys(after).subList(1, 3)).isEqualTo(keys(before).subList(1, 3));
  }

  private static List<ActionKey> keys(List<Piece> pieces) {
    return pieces.stream().map(Piece::getKey).toList();
  }

  @Test
  void ingest_whenTheDataAreDrawnScenes_takesThemAsTheyAre() throws Exception {
    Path scenes = folder.resolve("scenes");
    SceneWriter.draw(scenes, new SceneOptions(2, 1, 5, 64, 128), n -> {});
    run = new IngestRun(folder.resolve("digests"), scenes);
    ArtifactRef images = run.dataset("auto").getImages();
    assertThat(run.store().readManifest(images, ImagesManifest.parser()).getItemsList())
        .hasSize(3)
        .allMatch(item -> item.getHeight() == 64 && item.getWidth() == 128);
    assertThat(run.sources("labelIds")).containsOnly(LabelSource.LABEL_IDS);
  }

  @Test
  void labelIds_whenEveryIdIsThere_areTaken() throws Exception {
    byte[] pixels = new byte[HEIGHT * WIDTH];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) (i % 34);
    }
    tree.write(LABEL_IDS, ImageCodec.encodePng(new GreyImage(HEIGHT, WIDTH, pixels)));
    assertThat(run.sources("labelIds")).hasSize(3);
  }
}
