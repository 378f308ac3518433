package io.cityseg.shards;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cityseg.image.GreyImage;
import io.cityseg.image.ImageCodec;
import io.cityseg.image.Resize;
import io.cityseg.image.RgbImage;
import io.cityseg.proto.ArtifactRef;
import io.cityseg.proto.Example;
import io.cityseg.proto.ImageItem;
import io.cityseg.proto.ImagesManifest;
import io.cityseg.proto.Piece;
import io.cityseg.proto.PipelineConfig;
import io.cityseg.proto.ShardManifest;
import io.cityseg.proto.ShardsConfig;
import io.cityseg.proto.ShardsManifest;
import io.cityseg.proto.SplitManifest;
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
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShardsStageTest {
  private static final int FROM_HEIGHT = 6;
  private static final int FROM_WIDTH = 8;
  private static final int HEIGHT = 3;
  private static final int WIDTH = 5;

  @TempDir Path folder;
  private ArtifactStore store;
  private StageContext context;
  private final ShardsStage stage = new ShardsStage();
  private final List<ImageItem> images = new ArrayList<>();
  private final List<TrainIdItem> trainIds = new ArrayList<>();

  @BeforeEach
  void openStore() {
    store = new ArtifactStore(new MemoryObjects(folder));
    context = new StageContext(store, new ActionCache(store), ProgressSink.NONE, "run");
  }

  @Test
  void split_whenItemsAreInAnyOrder_cutsEachSplitByAscendingId() throws Exception {
    add("val", "b", 1);
    add("train", "e", 2);
    add("train", "c", 3);
    add("train", "d", 4);
    List<Piece> pieces = stage.split(call(2), context);
    assertThat(pieces)
        .extracting(Piece::getName)
        .containsExactly("train-00000", "train-00001", "val-00000");
    assertThat(pieces).extracting(Piece::getIndex).containsExactly(0, 1, 2);
    assertThat(pieces.get(0).getShard().getImagesList())
        .extracting(ImageItem::getId)
        .containsExactly("c", "d");
    assertThat(pieces.get(0).getShard().getTrainIdsList())
        .extracting(TrainIdItem::getId)
        .containsExactly("c", "d");
    Collections.reverse(images);
    Collections.rotate(trainIds, 1);
    assertThat(stage.split(call(2), context)).isEqualTo(pieces);
  }

  @Test
  void split_whenOneImageChanges_changesOneKey() throws Exception {
    add("train", "a", 1);
    add("train", "b", 2);
    add("train", "c", 3);
    List<Piece> before = stage.split(call(2), context);
    images.remove(2);
    trainIds.remove(2);
    add("train", "c", 4);
    List<Piece> after = stage.split(call(2), context);
    assertThat(after.get(0).getKey()).isEqualTo(before.get(0).getKey());
    assertThat(after.get(1).getKey()).isNotEqualTo(before.get(1).getKey());
  }

  @Test
  void split_whenKeyIsMade_holdsSizeItemsAndLibrary() throws Exception {
    add("train", "a", 1);
    var key = stage.split(call(2), context).get(0).getKey();
    assertThat(key.getStage()).isEqualTo("shards.shard");
    assertThat(key.getParametersList())
        .extracting(p -> p.getName() + "=" + p.getValue())
        .containsExactly("shards.height=3", "shards.width=5");
    assertThat(key.getInputsList())
        .containsExactly(
            StageKeys.input("image:a", images.get(0).getImage()),
            StageKeys.input("label:a", trainIds.get(0).getPng()));
    assertThat(key.getEnvironmentList())
        .extracting(p -> p.getName() + "=" + p.getValue())
        .containsExactly("opencv=4.9.0");
  }

  @Test
  void split_whenItemsDiffer_namesThem() throws Exception {
    add("train", "a", 1);
    add("train", "b", 2);
    add("val", "c", 3);
    images.remove(0);
    trainIds.remove(1);
    assertThatThrownBy(() -> stage.split(call(2), context))
        .isInstanceOf(StageException.class)
        .hasMessageContaining("train/a has a trainId image and no image")
        .hasMessageContaining("train/b has an image and no trainId image")
        .message()
        .doesNotContain("val/c");
  }

  @Test
  void split_whenIdIsThereTwice_throws() throws Exception {
    add("train", "a", 1);
    images.add(images.get(0));
    assertThatThrownBy(() -> stage.split(call(2), context))
        .isInstanceOf(StageException.class)
        .hasMessageContaining("train/a has two images");
  }

  @Test
  void run_whenItemsAreSound_writesResizedExamplesAndCountsPixels() throws Exception {
    add("train", "a", 1);
    add("train", "b", 2);
    ArtifactRef ref = stage.run(stage.split(call(2), context).get(0), context);
    ShardManifest shard = store.readManifest(ref, ShardManifest.parser());
    assertThat(shard.getItemIdsList()).containsExactly("a", "b");
    assertThat(shard.getFile().getKind()).isEqualTo("tfrecord");
    assertThat(shard.getClassPixelsList()).hasSize(20);
    assertThat(shard.getClassPixelsList().stream().mapToLong(Long::longValue).sum())
        .isEqualTo(2 * HEIGHT * WIDTH);
    long[] counts = new long[20];
    try (var reader = ShardReader.open(store.file(shard.getFile()))) {
      for (int seed = 1; seed <= 2; seed++) {
        Example example = reader.next().orElseThrow();
        byte[] label = Resize.nearest(label(seed), HEIGHT, WIDTH).pixels();
        assertThat(example.getImage().toByteArray())
            .isEqualTo(Resize.bilinear(image(seed), HEIGHT, WIDTH).pixels());
        assertThat(example.getLabel().toByteArray()).isEqualTo(label);
        for (byte value : label) {
          counts[value == -1 ? 19 : value]++;
        }
      }
      assertThat(reader.next()).isEmpty();
    }
    assertThat(shard.getClassPixelsList()).containsExactlyElementsOf(boxed(counts));
  }

  @Test
  void run_whenRunAgain_givesTheSameArtifact() throws Exception {
    add("train", "a", 1);
    Piece piece = stage.split(call(2), context).get(0);
    assertThat(stage.run(piece, context)).isEqualTo(stage.run(piece, context));
  }

  @Test
  void run_whenLabelIsNoTrainId_namesItemAndValue() throws Exception {
    byte[] pixels = new byte[FROM_HEIGHT * FROM_WIDTH];
    pixels[0] = 33;
    add("train", "a", image(1), new GreyImage(FROM_HEIGHT, FROM_WIDTH, pixels));
    Piece piece = stage.split(call(2), context).get(0);
    assertThatThrownBy(() -> stage.run(piece, context))
        .isInstanceOf(StageException.class)
        .hasMessage(
            "a: its trainId image has 1 pixels of value 33; trainIds are 0 to 18, and 255 for void");
  }

  @Test
  void run_whenImageAndLabelDiffer_namesSizes() throws Exception {
    add("train", "a", image(1), new GreyImage(1, 2, new byte[2]));
    Piece piece = stage.split(call(2), context).get(0);
    assertThatThrownBy(() -> stage.run(piece, context))
        .isInstanceOf(StageException.class)
        .hasMessageStartingWith("a: its image is 8 x 6 pixels, its trainId image 2 x 1");
  }

  @Test
  void run_whenImageIsNoPng_namesTheFile() throws Exception {
    add("train", "a", 1);
    images.set(0, images.get(0).toBuilder().setImage(store.put("png", new byte[3])).build());
    Piece piece = stage.split(call(2), context).get(0);
    assertThatThrownBy(() -> stage.run(piece, context))
        .isInstanceOf(StageException.class)
        .hasMessageStartingWith("a: a_leftImg8bit.png is not a PNG file");
  }

  @Test
  void gather_whenShardsAreMade_listsThemBySplit() throws Exception {
    add("val", "b", 1);
    add("train", "c", 2);
    add("train", "d", 3);
    add("train", "e", 4);
    StageCall call = call(2);
    List<ArtifactRef> results = new ArrayList<>();
    for (Piece piece : stage.split(call, context)) {
      results.add(stage.run(piece, context));
    }
    ArtifactRef result = stage.gather(call, results, context);
    ShardsManifest manifest = store.readManifest(result, ShardsManifest.parser());
    assertThat(manifest.getSplitsList())
        .extracting(s -> s.getSplit())
        .containsExactly("train", "val");
    SplitManifest train =
        store.readManifest(manifest.getSplits(0).getManifest(), SplitManifest.parser());
    assertThat(train.getItems()).isEqualTo(3);
    assertThat(train.getHeight()).isEqualTo(HEIGHT);
    assertThat(train.getWidth()).isEqualTo(WIDTH);
    assertThat(train.getShardsList())
        .extracting(s -> List.copyOf(s.getItemIdsList()))
        .containsExactly(List.of("c", "d"), List.of("e"));
    assertThat(train.getClassPixelsList().stream().mapToLong(Long::longValue).sum())
        .isEqualTo(3 * HEIGHT * WIDTH);
  }

  private void add(String split, String id, int seed) throws Exception {
    add(split, id, image(seed), label(seed));
  }

  private void add(String split, String id, RgbImage image, GreyImage label) throws Exception {
    images.add(
        ImageItem.newBuilder()
            .setId(id)
            .setSplit(split)
            .setImage(store.put("png", ImageCodec.encodePng(image)))
            .setHeight(image.height())
            .setWidth(image.width())
            .build());
    trainIds.add(
        TrainIdItem.newBuilder()
            .setId(id)
            .setSplit(split)
            .setPng(store.put("png", ImageCodec.encodePng(label)))
            .build());
  }

  private StageCall call(int itemsPerShard) throws Exception {
    return StageCall.newBuilder()
        .setStage("shards")
        .setConfig(
            PipelineConfig.newBuilder()
                .setShards(
                    ShardsConfig.newBuilder()
                        .setHeight(HEIGHT)
                        .setWidth(WIDTH)
                        .setItemsPerShard(itemsPerShard)))
        .addInputs(
            StageKeys.input(
                ShardsStage.IMAGES,
                store.putManifest(ImagesManifest.newBuilder().addAllItems(images).build())))
        .addInputs(
            StageKeys.input(
                ShardsStage.TRAIN_IDS,
                store.putManifest(TrainIdsManifest.newBuilder().addAllItems(trainIds).build())))
        .build();
  }

  private static RgbImage image(int seed) {
    byte[] pixels = new byte[FROM_HEIGHT * FROM_WIDTH * 3];
    new Random(seed).nextBytes(pixels);
    return new RgbImage(FROM_HEIGHT, FROM_WIDTH, pixels);
  }

  private static GreyImage label(int seed) {
    Random random = new Random(seed);
    byte[] pixels = new byte[FROM_HEIGHT * FROM_WIDTH];
    for (int i = 0; i < pixels.length; i++) {
      int label = random.nextInt(20);
      pixels[i] = (byte) (label == 19 ? 255 : label);
    }
    return new GreyImage(FROM_HEIGHT, FROM_WIDTH, pixels);
  }

  private static List<Long> boxed(long[] values) {
    List<Long> boxed = new ArrayList<>();
    for (long value : values) {
      boxed.add(value);
    }
    return boxed;
  }
}
