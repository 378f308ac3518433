package io.cityseg.ingest;

import io.cityseg.proto.LabelSource;
import io.cityseg.proto.SourceFile;
import io.cityseg.proto.SourceListing;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Finds out which image and which label belong together. For one thread. */
final class Pairing {
  /** The splits in the order of the manifests. */
  static final List<String> SPLITS = List.of("train", "val");

  private static final Comparator<SourcePath> ORDER =
      Comparator.comparing((SourcePath path) -> SPLITS.indexOf(path.split()))
          .thenComparing(SourcePath::id);

  private final Map<SourceKind, Map<String, Located>> files = new EnumMap<>(SourceKind.class);
  private final Problems problems = new Problems();

  private Pairing() {
    for (SourceKind kind : SourceKind.values()) {
      files.put(kind, new TreeMap<>());
    }
  }

  private record Located(SourcePath path, SourceFile file) {}

  /** An image, its label, and its instances where the data set has them. */
  record Pair(
      SourcePath item, SourceFile image, SourceFile label, Optional<SourceFile> instances) {}

  /**
   * The pairs of a data set.
   *
   * @param source where the labels come from
   * @param pairs in ascending order of (split, id), train before val
   * @param problems what keeps the files from being a whole data set
   * @param withoutPolygons number of images that have no polygons
   */
  record Pairs(LabelSource source, List<Pair> pairs, Problems problems, long withoutPolygons) {}

  /**
   * Pairs the files of a listing.
   *
   * @param labels "auto", "polygons" or "labelIds"
   */
  static Pairs pair(SourceListing listing, String labels) {
    Pairing pairing = new Pairing();
    listing.getFilesList().forEach(pairing::locate);
    SourceKind kind = pairing.labelKind(labels);
    List<Pair> pairs = pairing.pairs(kind);
    return new Pairs(
        kind == SourceKind.POLYGONS ? LabelSource.POLYGONS : LabelSource.LABEL_IDS,
        pairs,
        pairing.problems,
        pairing.missing(SourceKind.POLYGONS));
  }

  private void locate(SourceFile file) {
    SourcePath.Reading reading = SourcePath.read(file.getPath());
    reading.problem().ifPresent(problem -> problems.add(file.getPath(), problem));
    if (reading.path().isEmpty()) {
      return;
    }
    SourcePath path = reading.path().get();
    Located first = files.get(path.kind()).putIfAbsent(path.id(), new Located(path, file));
    if (first == null) {
      return;
    }
    problems.add(
        file.getPath(),
        first.file().getPath().equals(file.getPath())
            ? "is in two data folders; leave one of them out"
            : "has the id of " + first.file().getPath() + "; an id is in one split only");
  }

  private Optional<SourceFile> instances(SourcePath item) {
    return Optional.ofNullable(files.get(SourceKind.INSTANCE_IDS).get(item.id()))
        .filter(instances -> instances.path().split().equals(item.split()))
        .map(Located::file);
  }

  private void requireImages(Map<String, Located> annotations) {
    Map<String, Located> images = files.get(SourceKind.IMAGE);
    for (Located annotation : annotations.values()) {
      SourcePath item = annotation.path();
      Located image = images.get(item.id());
      if (image == null || !image.path().split().equals(item.split())) {
        String wanted = SourcePath.of(SourceKind.IMAGE, item.split(), item.city(), item.id());
        problems.add(annotation.file().getPath(), "has no image; expected " + wanted);
      }
    }
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
    return files.get(SourceKind.IMAGE).keySet().stream()
        .filter(id -> !files.get(kind).containsKey(id))
        .count();
  }

  private List<Pair> pairs(SourceKind kind) {
    Map<String, Located> images = files.get(SourceKind.IMAGE);
    Map<String, Located> labels = files.get(kind);
    List<Pair> pairs = new ArrayList<>();
    for (Located image : images.values()) {
      SourcePath item = image.path();
      Located label = labels.get(item.id());
      if (label == null || !label.path().split().equals(item.split())) {
        String wanted = SourcePath.of(kind, item.split(), item.city(), item.id());
        problems.add(image.file().getPath(), "has no label; expected " + wanted);
      } else {
        pairs.add(new Pair(item, image.file(), label.file(), instances(item)));
      }
    }
    requireImages(labels);
    requireImages(files.get(SourceKind.INSTANCE_IDS));
    for (String split : SPLITS) {
      if (images.values().stream().noneMatch(image -> image.path().split().equals(split))) {
        problems.add("leftImg8bit/" + split, "has no images; both train and val are needed");
      }
    }
    pairs.sort(Comparator.comparing(Pair::item, ORDER));
    return pairs;
  }
}
