package io.cityseg.train;

import com.google.protobuf.ByteString;
import io.cityseg.proto.ArtifactRef;
import io.cityseg.proto.Example;
import io.cityseg.proto.ShardManifest;
import io.cityseg.proto.SplitManifest;
import io.cityseg.shards.TFRecordWriter;
import io.cityseg.store.ArtifactStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntUnaryOperator;

/** Splits of tiny pictures that can be learnt: the brightness of a half is its class. */
public final class SmallSplits {
  private SmallSplits() {}

  /**
   * Writes a split.
   *
   * @param items how many pictures
   * @param size their height and width
   * @param perShard how many in a shard
   */
  public static ArtifactRef write(
      ArtifactStore store, Path folder, String split, int items, int size, int perShard)
      throws Exception {
    return write(store, folder, split, items, size, perShard, label -> label);
  }

  /**
   * Writes a split of pictures with other labels.
   *
   * @param relabelled from the usual trainId to the one that is written
   */
  static ArtifactRef write(
      ArtifactStore store,
      Path folder,
      String split,
      int items,
      int size,
      int perShard,
      IntUnaryOperator relabelled)
      throws Exception {
    SplitManifest.Builder manifest =
        SplitManifest.newBuilder().setSplit(split).setHeight(size).setWidth(size).setItems(items);
    for (int from = 0; from < items; from += perShard) {
      Path file = folder.resolve(split + "-" + from + ".tfrecord");
      List<String> ids = new ArrayList<>();
      try (TFRecordWriter shard = new TFRecordWriter(Files.newOutputStream(file))) {
        for (int item = from; item < Math.min(items, from + perShard); item++) {
          Example example = example(split, item, size, relabelled);
          shard.write(example.toByteArray());
          ids.add(example.getId());
        }
      }
      manifest.addShards(
          ShardManifest.newBuilder().setFile(store.put("tfrecord", file)).addAllItemIds(ids));
    }
    return store.putManifest(manifest.build());
  }

  /** The id of an item of a split. */
  public static String id(String split, int item) {
    return "%s_%06d_000019".formatted(split, item);
  }

  private static Example example(String split, int item, int size, IntUnaryOperator relabelled) {
    byte[] image = new byte[3 * size * size];
    byte[] label = new byte[size * size];
    for (int i = 0; i < label.length; i++) {
      boolean lower = i / size >= size / 2;
      label[i] = (byte) relabelled.applyAsInt(lower ? 0 : item % 2 == 0 ? 10 : 255);
      for (int channel = 0; channel < 3; channel++) {
        int noise = (31 * i + 17 * item + 7 * channel) % 32;
        image[3 * i + channel] = (byte) ((lower ? 40 : item % 2 == 0 ? 120 : 200) + noise);
      }
    }
    return Example.newBuilder()
        .setId(id(split, item))
        .setHeight(size)
        .setWidth(size)
        .setImage(ByteString.copyFrom(image))
        .setLabel(ByteString.copyFrom(label))
        .build();
  }
}
