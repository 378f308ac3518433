package io.cityseg.ingest;

import io.cityseg.proto.LabelSource;
import io.cityseg.proto.SourceFile;
import io.cityseg.scan.SourceKind;
import io.cityseg.scan.SourcePath;
import io.cityseg.store.Digest;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Finds out which image and which label belong together. It has all files of a call in memory at
 * once, so it keeps of them what cannot be told from the item's id: about 100 bytes a file. For one
 * thread.
 */
final class Pairing {
  /** The splits in the order of the manifests. */
  static final List<String> SPLITS = List.of("train", "val");

  private static final Comparator<Item> ORDER =
      Comparator.comparing((Item item) -> SPLITS.indexOf(item.of(SourceKind.IMAGE).split()))
          .thenComparing(Item::id);

  private final Map<String, Item> items = new TreeMap<>();
  private final Map<String, String> cities = new HashMap<>();
  private final Problems problems = new Problems();

  /** The files of an id: of each kind the first. */
  private static final class Item {
    private final String id;
    private final String city;
    private final Map<SourceKind, Known> files = new EnumMap<>(SourceKind.class);

    Item(String id, String city) {
      this.id = id;
      this.city = city;
    }

    String id() {
      return id;
    }

    /** Null when there is none. */
    Known of(SourceKind kind) {
      return files.get(kind);
    }

    boolean has(SourceKind kind) {
      return files.containsKey(kind);
    }

    boolean has(SourceKind kind, String split) {
      return has(kind) && of(kind).split().equals(split);
    }

    String path(SourceKind kind) {
      return path(kind, of(kind).split());
    }

    String path(SourceKind kind, String split) {
      return SourcePath.of(kind, split, city, id);
    }

    SourceFile file(SourceKind kind) {
      return SourceFile.newBuilder()
          .setPath(path(kind))
          .setSha256(HexFormat.of().formatHex(of(kind).sha256()))
          .setSize(of(kind).size())
          .build();
    }
  }

  /** What is known of a file beside its kind and its item. */
  private static final class Known {
    private final String split;
    private final byte[] sha256;
    private final long size;

    Known(String split, byte[] sha256, long size) {
      this.split = split;
      this.sha256 = sha256;
      this.size = size;
    }

    String split() {
      return split;
    }

    byte[] sha256() {
      return sha256;
    }

    long size() {
      return size;
    }
  }

  /** An image, its label, and its instances where the data set has them. */
  record Pair(
      SourcePath item, SourceFile image, SourceFile label, Optional<SourceFile> instances) {}

  /**
   * The pairs of a data set.
   *
   * @param source where the labels come from
   * @param pairs in ascending order of (split, id), train before val; each made when it is asked
   *     for
   * @param problems what keeps the files from being a whole data set
   * @param withoutPolygons number of images that have no polygons
   */
  record Pairs(LabelSource source, List<Pair> pairs, Problems problems, long withoutPolygons) {}

  /** Adds a file of the listing. */
  void add(SourceFile file) {
    SourcePath.Reading reading = SourcePath.read(file.getPath());
    reading.problem().ifPresent(problem -> problems.add(file.getPath(), problem));
    if (reading.path().isEmpty()) {
      return;
    }
    if (!Digest.isValid(file.getSha256())) {
      problems.add(file.getPath(), "has the invalid digest '%s'".formatted(file.getSha256()));
      return;
    }
    SourcePath path = reading.path().get();
    Item item =
        items.computeIfAbsent(
            path.id(), id -> new Item(id, cities.computeIfAbsent(path.city(), city -> city)));
    if (item.has(path.kind())) {
      String first = item.path(path.kind());
      problems.add(
          file.getPath(),
          first.equals(file.getPath())
              ? "is in two data folders; leave one of them out"
              : "has the id of " + first + "; an id is in one split only");
      return;
    }
    item.files.put(
        path.kind(),
        new Known(
            SPLITS.get(SPLITS.indexOf(path.split())),
            HexFormat.of().parseHex(file.getSha256()),
            file.getSize()));
  }

  /**
   * The pairs of the files that were added.
   *
   * @param labels "auto", "polygons" or "labelIds"
   */
  Pairs pairs(String labels) {
    SourceKind kind = labelKind(labels);
    return new Pairs(
        kind == SourceKind.POLYGONS ? LabelSource.POLYGONS : LabelSource.LABEL_IDS,
        pairs(kind),
        problems,
        missing(SourceKind.POLYGONS));
  }

  private SourceKind labelKind(String labels) {
    return switch (labels) {
      case "polygons" -> SourceKind.POLYGONS;
      case "labelIds" -> SourceKind.LABEL_IDS;
      case "auto" -> automatic();
      default ->
          throw new IllegalArgumentException(
              "Invalid ingest.labels: '" + labels + "' (must be auto, polygons or labelIds)");
    };
  }

  /**
   * Polygons when every image has them, else labelIds; where neither is complete, what is missing
   * less often, since that is what the user will complete.
   */
  private SourceKind automatic() {
    return missing(SourceKind.POLYGONS) == 0
            || missing(SourceKind.POLYGONS) < missing(SourceKind.LABEL_IDS)
        ? SourceKind.POLYGONS
        : SourceKind.LABEL_IDS;
  }

  private long missing(SourceKind kind) {
    return items.values().stream()
        .filter(item -> item.has(SourceKind.IMAGE) && !item.has(kind))
        .count();
  }

  private List<Pair> pairs(SourceKind kind) {
    List<Item> paired = new ArrayList<>();
    for (Item item : items.values()) {
      if (!item.has(SourceKind.IMAGE)) {
        continue;
      }
      String split = item.of(SourceKind.IMAGE).split();
      if (item.has(kind, split)) {
        paired.add(item);
      } else {
        problems.add(
            item.path(SourceKind.IMAGE), "has no label; expected " + item.path(kind, split));
      }
    }
    requireImages(kind);
    requireImages(SourceKind.INSTANCE_IDS);
    for (String split : SPLITS) {
      if (items.values().stream().noneMatch(item -> item.has(SourceKind.IMAGE, split))) {
        problems.add("leftImg8bit/" + split, "has no images; both train and val are needed");
      }
    }
    paired.sort(ORDER);
    return new AbstractList<>() {
      @Override
      public Pair get(int index) {
        return pair(paired.get(index), kind);
      }

      @Override
      public int size() {
        return paired.size();
      }
    };
  }

  private void requireImages(SourceKind annotation) {
    for (Item item : items.values()) {
      if (item.has(annotation)) {
        String split = item.of(annotation).split();
        if (!item.has(SourceKind.IMAGE, split)) {
          problems.add(
              item.path(annotation),
              "has no image; expected " + item.path(SourceKind.IMAGE, split));
        }
      }
    }
  }

  private static Pair pair(Item item, SourceKind label) {
    String split = item.of(SourceKind.IMAGE).split();
    return new Pair(
        new SourcePath(SourceKind.IMAGE, split, item.city, item.id),
        item.file(SourceKind.IMAGE),
        item.file(label),
        item.has(SourceKind.INSTANCE_IDS, split)
            ? Optional.of(item.file(SourceKind.INSTANCE_IDS))
            : Optional.empty());
  }
}
