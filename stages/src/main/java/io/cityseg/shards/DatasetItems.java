package io.cityseg.shards;

import io.cityseg.proto.ImageItem;
import io.cityseg.proto.ImagesManifest;
import io.cityseg.proto.ShardWork;
import io.cityseg.proto.ShardsConfig;
import io.cityseg.proto.TrainIdItem;
import io.cityseg.proto.TrainIdsManifest;
import io.cityseg.stage.StageException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The data set's images, each with its trainId image, in ascending order of (split, id). */
final class DatasetItems {
  /** The splits in the order of the graph. */
  static final List<String> SPLITS = List.of("train", "val");

  private static final int LISTED_PROBLEMS = 20;

  private final List<ImageItem> images;
  private final Map<ItemName, TrainIdItem> trainIds;

  private DatasetItems(List<ImageItem> images, Map<ItemName, TrainIdItem> trainIds) {
    this.images = images;
    this.trainIds = trainIds;
  }

  /** An id is unique in its split. */
  private record ItemName(String split, String id) implements Comparable<ItemName> {
    static final Comparator<ItemName> ORDER =
        Comparator.comparing(ItemName::split).thenComparing(ItemName::id);

    @Override
    public int compareTo(ItemName other) {
      return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
      return split + "/" + id;
    }
  }

  /**
   * Joins the two lists.
   *
   * @throws StageException when they do not list the same items; the message names those that
   *     differ
   */
  static DatasetItems join(ImagesManifest images, TrainIdsManifest trainIds) throws StageException {
    List<String> problems = new ArrayList<>();
    Map<ItemName, ImageItem> imagesByName = new TreeMap<>();
    for (ImageItem item : images.getItemsList()) {
      ItemName name = new ItemName(item.getSplit(), item.getId());
      if (imagesByName.put(name, item) != null) {
        problems.add(name + " has two images");
      }
      if (!SPLITS.contains(item.getSplit())) {
        problems.add(name + " is in none of the splits " + SPLITS);
      }
    }
    Map<ItemName, TrainIdItem> trainIdsByName = new TreeMap<>();
    for (TrainIdItem item : trainIds.getItemsList()) {
      ItemName name = new ItemName(item.getSplit(), item.getId());
      if (trainIdsByName.put(name, item) != null) {
        problems.add(name + " has two trainId images");
      }
      if (!imagesByName.containsKey(name)) {
        problems.add(name + " has a trainId image and no image");
      }
    }
    for (ItemName name : imagesByName.keySet()) {
      if (!trainIdsByName.containsKey(name)) {
        problems.add(name + " has an image and no trainId image");
      }
    }
    if (!problems.isEmpty()) {
      throw new StageException(message(problems));
    }
    return new DatasetItems(List.copyOf(imagesByName.values()), trainIdsByName);
  }

  /** Consecutive items of a split to a shard; the last shard of a split may hold fewer. */
  List<ShardWork> cut(ShardsConfig config) {
    if (config.getHeight() < 1 || config.getWidth() < 1 || config.getItemsPerShard() < 1) {
      throw new IllegalArgumentException(
          "Invalid shards: %d items of %d x %d pixels (must be at least 1 each)"
              .formatted(config.getItemsPerShard(), config.getWidth(), config.getHeight()));
    }
    List<ShardWork> shards = new ArrayList<>();
    for (String split : SPLITS) {
      List<ImageItem> items = images.stream().filter(i -> i.getSplit().equals(split)).toList();
      for (int from = 0; from < items.size(); from += config.getItemsPerShard()) {
        int to = (int) Math.min(items.size(), (long) from + config.getItemsPerShard());
        ShardWork.Builder work =
            ShardWork.newBuilder()
                .setSplit(split)
                .setHeight(config.getHeight())
                .setWidth(config.getWidth())
                .addAllImages(items.subList(from, to));
        for (ImageItem item : items.subList(from, to)) {
          work.addTrainIds(trainIds.get(new ItemName(split, item.getId())));
        }
        shards.add(work.build());
      }
    }
    return shards;
  }

  private static String message(List<String> problems) {
    int listed = Math.min(problems.size(), LISTED_PROBLEMS);
    String more =
        listed < problems.size() ? "\n... and %d more".formatted(problems.size() - listed) : "";
    return "The images and the trainId images are not of the same items:\n"
        + String.join("\n", problems.subList(0, listed))
        + more;
  }
}
