package io.cityseg.score;

import io.cityseg.files.FileTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Which prediction belongs to which ground truth: the rule of {@code getPrediction}. The prediction
 * of {@code <city>_<seq>_<frame>_gtFine_labelIds.png} is the one file anywhere below the folder
 * whose name is {@code <city>_<seq>_<frame>*.png}.
 *
 * @param pairs in the order of the ground truth's paths
 * @param hasInstances whether the ground truth has instanceIds
 * @param problems ground truth without a prediction, or with several; instanceIds that are missing
 *     while others are there
 */
record PairedImages(List<ImagePair> pairs, boolean hasInstances, List<String> problems) {
  private static final String LABEL_IDS = "_gtFine_labelIds.png";
  private static final String INSTANCE_IDS = "_gtFine_instanceIds.png";
  private static final String PNG = ".png";

  PairedImages {
    pairs = List.copyOf(pairs);
    problems = List.copyOf(problems);
  }

  /** Finds the files; reads none. */
  static PairedImages find(Path groundTruth, Path predictions) throws ScoreException {
    Path folder = validation(groundTruth);
    List<Path> truths = list(folder, LABEL_IDS);
    if (truths.isEmpty()) {
      throw new ScoreException(
          List.of(
              "%s has no ground truth: nothing below it ends in %s".formatted(folder, LABEL_IDS)));
    }
    NavigableMap<String, List<Path>> byName = new TreeMap<>();
    for (Path prediction : list(predictions, PNG)) {
      byName
          .computeIfAbsent(prediction.getFileName().toString(), name -> new ArrayList<>())
          .add(prediction);
    }
    boolean hasInstances = truths.stream().anyMatch(truth -> Files.exists(instances(truth)));
    List<ImagePair> pairs = new ArrayList<>();
    List<String> problems = new ArrayList<>();
    for (Path truth : truths) {
      List<Path> found = matching(byName, base(truth));
      if (found.size() == 1) {
        Optional<Path> instances = hasInstances ? Optional.of(instances(truth)) : Optional.empty();
        pairs.add(new ImagePair(truth, instances, found.get(0)));
      } else if (found.isEmpty()) {
        problems.add(
            "%s has no prediction: no file below %s is named %s*.png"
                .formatted(truth, predictions, base(truth)));
      } else {
        problems.add(
            "%s has %d predictions, and one is needed: %s"
                .formatted(truth, found.size(), join(found)));
      }
    }
    return new PairedImages(pairs, hasInstances, problems);
  }

  /** The split that the official script evaluates, where the folder has one of that name. */
  private static Path validation(Path folder) {
    for (String part : List.of("gtFine/val", "val")) {
      if (Files.isDirectory(folder.resolve(part))) {
        return folder.resolve(part);
      }
    }
    return folder;
  }

  private static List<Path> list(Path folder, String ending) throws ScoreException {
    try {
      return FileTree.list(folder, name -> name.endsWith(ending));
    } catch (IOException e) {
      throw new ScoreException(
          List.of(folder + " cannot be listed: " + e + "; check its permissions"));
    }
  }

  /** Predictions whose name is {@code base*.png}; one that is reached by two links is one. */
  private static List<Path> matching(NavigableMap<String, List<Path>> byName, String base) {
    Map<Path, Path> found = new LinkedHashMap<>();
    byName.subMap(base, true, base + Character.MAX_VALUE, true).entrySet().stream()
        .filter(entry -> entry.getKey().length() >= base.length() + PNG.length())
        .flatMap(entry -> entry.getValue().stream())
        .forEach(file -> found.putIfAbsent(real(file), file));
    return List.copyOf(found.values());
  }

  private static Path real(Path file) {
    try {
      return file.toRealPath();
    } catch (IOException e) {
      // a dangling link: reading it will say so
      return file;
    }
  }

  private static String base(Path truth) {
    String name = truth.getFileName().toString();
    return name.substring(0, name.length() - LABEL_IDS.length());
  }

  private static Path instances(Path truth) {
    return truth.resolveSibling(base(truth) + INSTANCE_IDS);
  }

  private static String join(List<Path> files) {
    return String.join(", ", files.stream().limit(4).map(Path::toString).toList())
        + (files.size() > 4 ? ", ..." : "");
  }
}
