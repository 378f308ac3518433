package io.cityseg.score;

import io.cityseg.labels.CityscapesLabels;
import io.cityseg.labels.Label;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * The official result file, with {@code perImageScores}, byte for byte. Where there is no iIoU its
 * four entries are null (the official script writes zeros then). Boundary scores have entries of
 * their own: {@code classBoundaryScores}, {@code averageScoreBoundaryClasses}, {@code
 * boundaryPixels} (of each label) and {@code boundaryDilationRatio}.
 */
public final class ScoresJson {
  private ScoresJson() {}

  /** The file's text; no line end at its end, like the official one. */
  public static String of(Scores scores) {
    Map<String, Object> file = new LinkedHashMap<>();
    file.put("confMatrix", matrix(scores.confusion()));
    file.put("priors", scores.priors());
    file.put("labels", labels());
    file.put("classScores", scores.classes());
    file.put("categoryScores", scores.categories());
    file.put("averageScoreClasses", Scores.average(scores.classes()));
    file.put("averageScoreCategories", Scores.average(scores.categories()));
    var instances = scores.instances();
    file.put("classInstScores", instances.map(Scores.InstanceScores::classes).orElse(null));
    file.put("categoryInstScores", instances.map(Scores.InstanceScores::categories).orElse(null));
    file.put(
        "averageScoreInstClasses", instances.map(i -> Scores.average(i.classes())).orElse(null));
    file.put(
        "averageScoreInstCategories",
        instances.map(i -> Scores.average(i.categories())).orElse(null));
    file.put("perImageScores", images(scores.images()));
    scores.boundaries().ifPresent(boundaries -> put(file, boundaries));
    return PythonJson.of(file);
  }

  private static void put(Map<String, Object> file, Scores.BoundaryScores boundaries) {
    file.put("boundaryDilationRatio", boundaries.dilationRatio());
    file.put("classBoundaryScores", boundaries.classes());
    file.put("averageScoreBoundaryClasses", Scores.average(boundaries.classes()));
    Map<String, Map<String, Long>> pixels = new LinkedHashMap<>();
    labels()
        .forEach(
            (name, id) ->
                pixels.put(
                    name,
                    Map.of(
                        "intersection", boundaries.counts().intersections()[id],
                        "union", boundaries.counts().unions()[id])));
    file.put("boundaryPixels", pixels);
  }

  private static List<List<Long>> matrix(ConfusionCounts confusion) {
    return IntStream.range(0, confusion.classes())
        .mapToObj(
            row ->
                IntStream.range(0, confusion.classes())
                    .mapToLong(column -> confusion.count(row, column)))
        .map(LongStream::boxed)
        .map(row -> row.toList())
        .toList();
  }

  private static Map<String, Integer> labels() {
    Map<String, Integer> ids = new LinkedHashMap<>();
    for (Label label : CityscapesLabels.all()) {
      if (label.id() >= 0) {
        ids.put(label.name(), label.id());
      }
    }
    return ids;
  }

  private static Map<String, Map<String, Long>> images(Map<String, Scores.ImageScore> images) {
    Map<String, Map<String, Long>> all = new LinkedHashMap<>();
    images.forEach(
        (prediction, score) ->
            all.put(
                prediction,
                Map.of(
                    "nbNotIgnoredPixels", score.ignoredPixels(),
                    "nbCorrectPixels", score.differingPixels())));
    return all;
  }
}
