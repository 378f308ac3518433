package io.cityseg.shards;

import io.cityseg.image.OpenCv;
import io.cityseg.labels.CityscapesLabels;
import io.cityseg.proto.ArtifactRef;
import io.cityseg.proto.ImageItem;
import io.cityseg.proto.ImagesManifest;
import io.cityseg.proto.Input;
import io.cityseg.proto.Parameter;
import io.cityseg.proto.Piece;
import io.cityseg.proto.ShardManifest;
import io.cityseg.proto.ShardWork;
import io.cityseg.proto.ShardsConfig;
import io.cityseg.proto.ShardsManifest;
import io.cityseg.proto.SplitManifest;
import io.cityseg.proto.SplitShards;
import io.cityseg.proto.StageCall;
import io.cityseg.proto.TrainIdItem;
import io.cityseg.proto.TrainIdsManifest;
import io.cityseg.stage.Pieces;
import io.cityseg.stage.Stage;
import io.cityseg.stage.StageContext;
import io.cityseg.stage.StageException;
import io.cityseg.stage.StageKeys;
import io.cityseg.store.ActionKeys;
import io.cityseg.store.PackedList;
import io.cityseg.store.StoreException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Stage {@code shards}: each split's items in ascending order of id, cut into shards of {@code
 * items_per_shard}. A piece is a shard; its key holds its items' ids, images and labels and the
 * size, so that one changed image costs one shard.
 */
public final class ShardsStage implements Stage {
  /** The first input: an ImagesManifest. */
  public static final String IMAGES = "images";

  /** The second input: a TrainIdsManifest of the same items. */
  public static final String TRAIN_IDS = "trainids";

  private static final String NAME = "shards";
  private static final int CODE_VERSION = 1;

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public int codeVersion() {
    return CODE_VERSION;
  }

  @Override
  public List<Parameter> environment() {
    return List.of(ActionKeys.parameter("opencv", OpenCv.version()));
  }

  @Override
  public List<Piece> split(StageCall call, StageContext context)
      throws StageException, StoreException {
    ShardsConfig config = config(call);
    DatasetItems items = items(call, context);
    return Pieces.of(
        items.cut(config.getItemsPerShard()),
        (cut, index) -> piece(cut, items.work(cut, config), index));
  }

  private Piece piece(DatasetItems.Cut cut, ShardWork work, int index) {
    return Piece.newBuilder()
        .setName(String.format(Locale.ROOT, "%s-%05d", cut.split(), cut.ofSplit()))
        .setIndex(index)
        .setKey(
            ActionKeys.of(
                NAME + ".shard",
                CODE_VERSION,
                List.of(
                    ActionKeys.parameter("shards.height", String.valueOf(work.getHeight())),
                    ActionKeys.parameter("shards.width", String.valueOf(work.getWidth()))),
                inputs(work),
                environment()))
        .setShard(work)
        .build();
  }

  @Override
  public ArtifactRef run(Piece piece, StageContext context)
      throws StageException, StoreException, InterruptedException {
    ShardWriter writer = new ShardWriter(context.store(), piece.getShard());
    return context.store().putManifest(writer.write(piece.getName()));
  }

  @Override
  public ArtifactRef gather(StageCall call, List<ArtifactRef> results, StageContext context)
      throws StageException, StoreException {
    List<DatasetItems.Cut> shards = items(call, context).cut(config(call).getItemsPerShard());
    if (shards.size() != results.size()) {
      throw new IllegalArgumentException(
          "Stage shards has %d shards and %d results".formatted(shards.size(), results.size()));
    }
    List<ShardManifest> made = context.store().readManifests(results, ShardManifest.parser());
    ShardsManifest.Builder manifest = ShardsManifest.newBuilder();
    for (String split : DatasetItems.SPLITS) {
      List<ShardManifest> ofSplit = new ArrayList<>();
      for (int i = 0; i < shards.size(); i++) {
        if (shards.get(i).split().equals(split)) {
          ofSplit.add(made.get(i));
        }
      }
      ArtifactRef ref = context.store().putManifest(splitManifest(split, config(call), ofSplit));
      manifest.addSplits(SplitShards.newBuilder().setSplit(split).setManifest(ref));
    }
    return context.store().putManifest(manifest.build());
  }

  private static ShardsConfig config(StageCall call) {
    ShardsConfig config = call.getConfig().getShards();
    if (config.getHeight() < 1 || config.getWidth() < 1 || config.getItemsPerShard() < 1) {
      throw new IllegalArgumentException(
          "Invalid shards: %d items of %d x %d pixels (must be at least 1 each)"
              .formatted(config.getItemsPerShard(), config.getWidth(), config.getHeight()));
    }
    return config;
  }

  private static DatasetItems items(StageCall call, StageContext context)
      throws StageException, StoreException {
    List<ImageItem> images = new PackedList<>(ImageItem.parser());
    List<TrainIdItem> trainIds = new PackedList<>(TrainIdItem.parser());
    context
        .store()
        .readEach(
            StageKeys.input(call, IMAGES),
            ImagesManifest.getDefaultInstance(),
            part -> images.addAll(part.getItemsList()));
    context
        .store()
        .readEach(
            StageKeys.input(call, TRAIN_IDS),
            TrainIdsManifest.getDefaultInstance(),
            part -> trainIds.addAll(part.getItemsList()));
    return DatasetItems.join(images, trainIds);
  }

  private static List<Input> inputs(ShardWork work) {
    List<Input> inputs = new ArrayList<>();
    for (int i = 0; i < work.getImagesCount(); i++) {
      ImageItem image = work.getImages(i);
      inputs.add(StageKeys.input("image:" + image.getId(), image.getImage()));
      inputs.add(StageKeys.input("label:" + image.getId(), work.getTrainIds(i).getPng()));
    }
    return inputs;
  }

  private static SplitManifest splitManifest(
      String split, ShardsConfig config, List<ShardManifest> shards) {
    long[] pixels = new long[CityscapesLabels.CLASSES];
    long items = 0;
    for (ShardManifest shard : shards) {
      items += shard.getItemIdsCount();
      for (int i = 0; i < pixels.length; i++) {
        pixels[i] += shard.getClassPixels(i);
      }
    }
    SplitManifest.Builder manifest =
        SplitManifest.newBuilder()
            .setSplit(split)
            .setHeight(config.getHeight())
            .setWidth(config.getWidth())
            .setItems(items)
            .addAllShards(shards);
    for (long n : pixels) {
      manifest.addClassPixels(n);
    }
    return manifest.build();
  }
}
