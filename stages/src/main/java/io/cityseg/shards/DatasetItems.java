package io.cityseg.shards;

import io.cityseg.proto.ImageItem;
import io.cityseg.proto.ShardWork;
import io.cityseg.proto.ShardsConfig;
import io.cityseg.proto.TrainIdItem;
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
  private final List<TrainIdItem> trainIds;

  private DatasetItems(List<ImageItem> images, List<TrainIdItem> trainIds) {
    this.images = images;
    this.trainIds = trainIds;
  }

  /** An id is unique in its split. */
  private record ItemName(String split, String id) implements Comparable<ItemName> {
    static final Comparator<ItemName> ORDER =
        Comparator.comparing(ItemName::split).thenComparing(ItemName::id);

    static ItemName of(ImageItem item) {
      return new ItemName(item.getSplit(), item.getId());
    }

    static ItemName of(TrainIdItem item) {
      return new ItemName(item.getSplit(), item.getId());
    }

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
   * Joins the two lists, which are kept as they are when they are in order already.
   *
   * @throws StageException when they do not list the same items; the message names those that
   *     differ
   */
  static DatasetItems join(List<ImageItem> images, List<TrainIdItem> trainIds)
      throws StageException {
    return areInOrder(images, trainIds)
        ? new DatasetItems(images, trainIds)
        : sorted(images, trainIds);
  }

  private static boolean areInOrder(List<ImageItem> images, List<TrainIdItem> trainIds) {
    if (images.size() != trainIds.size()) {
      return false;
    }
    ItemName before = new ItemName("", "");
    for (int i = 0; i < images.size(); i++) {
      ItemName name = ItemName.of(images.get(i));
      if (!SPLITS.contains(name.split())
          || before.compareTo(name) >= 0
          || !ItemName.of(trainIds.get(i)).equals(name)) {
        return false;
      }
      before = name;
    }
    return true;
  }

  private static DatasetItems sorted(List<ImageItem> images, List<TrainIdItem> trainIds)
      throws StageException {
    List<String> problems = new ArrayList<>();
    Map<ItemName, ImageItem> imagesByName = new TreeMap<>();
    for (ImageItem item : images) {
      ItemName name = ItemName.of(item);
      if (imagesByName.put(name, item) != null) {
        problems.add(name + " has two images");
      }
      if (!SPLITS.contains(item.getSplit())) {
        problems.add(name + " is in none of the splits " + SPLITS);
      }
    }
    Map<ItemName, TrainIdItem> trainIdsByName = new TreeMap<>();
    for (TrainIdItem item : trainIds) {
      ItemName name = ItemName.of(item);
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
    return new DatasetItems(
        List.copyOf(imagesByName.values()), List.copyOf(trainIdsByName.values()));
  }

  /**
   * A shard's items.
   *
   * @param split the split's name
   * @param ofSplit which of the split's shards it is, from 0
   * @param from the first of its items, and {@code to} the one after the last
   */
  record Cut(String split, int ofSplit, int from, int to) {}

  /** Consecutive items of a split to a shard; the last shard of a split may hold fewer. */
  List<Cut> cut(int itemsPerShard) {
    List<Cut> cuts = new ArrayList<>();
    int from = 0;
    for (String split : SPLITS) {
      int end = from;
      while (end < images.size() && images.get(end).getSplit().equals(split)) {
        end++;
      }
      for (int ofSplit = 0; from < end; ofSplit++) {
        int to = (int) Math.min(end, (long) from + itemsPerShard);
        cuts.add(new Cut(split, ofSplit, from, to));
        from = to;
      }
    }
    return cuts;
  }

  /** The work on a shard, of images of the configured size. */
  ShardWork work(Cut cut, ShardsConfig config) {
    return ShardWork.newBuilder()
        .setSplit(cut.split())
        .setHeight(config.getHeight())
        .setWidth(config.getWidth())
        .addAllImages(images.subList(cut.from(), cut.to()))
        .addAllTrainIds(trainIds.subList(cut.from(), cut.to()))
        .build();
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
