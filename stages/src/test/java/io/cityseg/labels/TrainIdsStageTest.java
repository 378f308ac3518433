package io.cityseg.labels;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cityseg.image.GreyImage;
import io.cityseg.image.ImageCodec;
import io.cityseg.proto.ArtifactRef;
import io.cityseg.proto.LabelItem;
import io.cityseg.proto.LabelSource;
import io.cityseg.proto.LabelsManifest;
import io.cityseg.proto.Piece;
import io.cityseg.proto.StageCall;
import io.cityseg.proto.TrainIdItem;
import io.cityseg.proto.TrainIdsManifest;
import io.cityseg.stage.ProgressSink;
import io.cityseg.stage.StageContext;
import io.cityseg.stage.StageException;
import io.cityseg.stage.StageKeys;
import io.cityseg.store.ActionCache;
import io.cityseg.store.ArtifactStore;
import io.cityseg.store.MemoryObjects;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainIdsStageTest {
  private static final String ROAD =
      """
      {"imgWidth": 4, "imgHeight": 2, "objects":
        [{"label": "road", "polygon": [[0, 1], [2, 1]]}]}
      """;

  @TempDir Path folder;
  private ArtifactStore store;
  private StageContext context;
  private final TrainIdsStage stage = new TrainIdsStage();

  @BeforeEach
  void openStore() {
    store = new ArtifactStore(new MemoryObjects(folder));
    context = new StageContext(store, new ActionCache(store), ProgressSink.NONE, "run");
  }

  @Test
  void run_whenPolygons_drawsTrainIds() throws Exception {
    LabelItem item = item("a", "train", LabelSource.POLYGONS, ROAD.getBytes(UTF_8));
    ArtifactRef png = stage.run(stage.split(call(item), context).get(0), context);
    assertThat(png.getKind()).isEqualTo("png");
    assertThat(ImageCodec.decodeGrey(store.read(png), "a").pixels())
        .containsExactly(-1, -1, -1, -1, 0, 0, 0, -1);
  }

  @Test
  void run_whenLabelIdsOfTheSamePixels_givesTheSameArtifact() throws Exception {
    byte[] ids = ImageCodec.encodePng(new GreyImage(2, 4, new byte[] {0, 1, 6, 9, 7, 7, 7, 30}));
    StageCall call =
        call(
            item("a", "train", LabelSource.POLYGONS, ROAD.getBytes(UTF_8)),
            item("b", "train", LabelSource.LABEL_IDS, ids));
    List<Piece> pieces = stage.split(call, context);
    assertThat(stage.run(pieces.get(0), context)).isEqualTo(stage.run(pieces.get(1), context));
  }

  @Test
  void gather_whenRun_listsItemsInTheManifestsOrder() throws Exception {
    StageCall call =
        call(
            item("b", "train", LabelSource.POLYGONS, ROAD.getBytes(UTF_8)),
            item("a", "val", LabelSource.POLYGONS, ROAD.replace("road", "car").getBytes(UTF_8)));
    List<ArtifactRef> results = new ArrayList<>();
    for (Piece piece : stage.split(call, context)) {
      assertThat(piece.getIndex()).isEqualTo(results.size());
      results.add(stage.run(piece, context));
    }
    ArtifactRef result = stage.gather(call, results, context);
    assertThat(store.readManifest(result, TrainIdsManifest.parser()).getItemsList())
        .containsExactly(
            TrainIdItem.newBuilder().setId("b").setSplit("train").setPng(results.get(0)).build(),
            TrainIdItem.newBuilder().setId("a").setSplit("val").setPng(results.get(1)).build());
  }

  @Test
  void split_whenOnlyIdAndSplitDiffer_givesTheSameKey() throws Exception {
    byte[] json = ROAD.getBytes(UTF_8);
    List<Piece> pieces =
        stage.split(
            call(
                item("a", "train", LabelSource.POLYGONS, json),
                item("b", "val", LabelSource.POLYGONS, json),
                item("c", "val", LabelSource.LABEL_IDS, json)),
            context);
    assertThat(pieces).extracting(Piece::getName).containsExactly("a", "b", "c");
    assertThat(pieces.get(0).getKey()).isEqualTo(pieces.get(1).getKey());
    assertThat(pieces.get(0).getKey()).isNotEqualTo(pieces.get(2).getKey());
    assertThat(pieces.get(0).getKey().getStage()).isEqualTo("trainids.item");
  }

  @Test
  void run_whenSizeIsNotTheImages_namesItemAndSizes() throws Exception {
    LabelItem item =
        item("a", "train", LabelSource.POLYGONS, ROAD.getBytes(UTF_8)).toBuilder()
            .setWidth(8)
            .build();
    Piece piece = stage.split(call(item), context).get(0);
    assertThatThrownBy(() -> stage.run(piece, context))
        .isInstanceOf(StageException.class)
        .hasMessageStartingWith("a: its labels are 4 x 2 pixels, its image 8 x 2");
  }

  @Test
  void run_whenLabelIsUnknown_namesItemAndLabel() throws Exception {
    byte[] json = ROAD.replace("road", "tree").getBytes(UTF_8);
    Piece piece = stage.split(call(item("a", "train", LabelSource.POLYGONS, json)), context).get(0);
    assertThatThrownBy(() -> stage.run(piece, context))
        .isInstanceOf(StageException.class)
        .hasMessageStartingWith(
            "a: a_gtFine_polygons.json has an object of the unknown label 'tree'");
  }

  @Test
  void run_whenIdIsNotInTheTable_namesItemAndValue() throws Exception {
    byte[] png = ImageCodec.encodePng(new GreyImage(2, 4, new byte[] {0, 0, 0, 0, 0, 34, 0, 0}));
    Piece piece = stage.split(call(item("a", "train", LabelSource.LABEL_IDS, png)), context).get(0);
    assertThatThrownBy(() -> stage.run(piece, context))
        .isInstanceOf(StageException.class)
        .hasMessage(
            "a: a_gtFine_labelIds.png has the id 34 at column 1, row 1;"
                + " the ids of Cityscapes are 0 to 33");
  }

  @Test
  void split_whenSourceIsUnknown_throws() throws Exception {
    LabelItem item = item("a", "train", LabelSource.LABEL_SOURCE_UNSPECIFIED, new byte[1]);
    assertThatThrownBy(() -> stage.split(call(item), context))
        .isInstanceOf(StageException.class)
        .hasMessageContaining("a: its labels are of no known kind");
  }

  private LabelItem item(String id, String split, LabelSource source, byte[] content)
      throws Exception {
    return LabelItem.newBuilder()
        .setId(id)
        .setSplit(split)
        .setSource(source)
        .setLabel(store.put("label", content))
        .setHeight(2)
        .setWidth(4)
        .build();
  }

  private StageCall call(LabelItem... items) throws Exception {
    LabelsManifest manifest = LabelsManifest.newBuilder().addAllItems(List.of(items)).build();
    return StageCall.newBuilder()
        .setStage("trainids")
        .addInputs(StageKeys.input(TrainIdsStage.LABELS, store.putManifest(manifest)))
        .build();
  }
}
