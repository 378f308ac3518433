package io.cityseg.score;

import io.cityseg.labels.CityscapesLabels;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** The two tables that the official script prints, without its colours. */
public final class ScoreTables {
  private static final String LINE = "-".repeat(32) + "\n";

  private ScoreTables() {}

  /**
   * Classes, then categories, each with their averages; "n/a" where there is no iIoU. Classes have
   * a column BIoU more where there are boundary scores.
   */
  public static String of(Scores scores) {
    Predicate<String> evaluatedLabel =
        name -> CityscapesLabels.ofName(name).orElseThrow().isTrained();
    Predicate<String> evaluatedCategory =
        name ->
            CityscapesLabels.all().stream()
                .anyMatch(label -> label.category().equals(name) && label.isTrained());
    return table(
            "classes   ",
            scores.classes(),
            scores.instances().map(Scores.InstanceScores::classes),
            scores.boundaries().map(Scores.BoundaryScores::classes),
            evaluatedLabel)
        + "\n\n"
        + table(
            "categories",
            scores.categories(),
            scores.instances().map(Scores.InstanceScores::categories),
            Optional.empty(),
            evaluatedCategory);
  }

  private static String table(
      String title,
      Map<String, Double> scores,
      Optional<Map<String, Double>> instanceScores,
      Optional<Map<String, Double>> boundaryScores,
      Predicate<String> shown) {
    StringBuilder text = new StringBuilder(title + "       IoU      nIoU");
    text.append(boundaryScores.isPresent() ? "      BIoU\n" : "\n").append(LINE);
    scores.forEach(
        (name, score) -> {
          if (shown.test(name)) {
            row(
                text,
                "%-14s: ".formatted(name),
                score,
                instanceScores.map(s -> s.get(name)),
                boundaryScores.map(s -> s.get(name)));
          }
        });
    text.append(LINE);
    row(
        text,
        "Score Average : ",
        Scores.average(scores),
        instanceScores.map(Scores::average),
        boundaryScores.map(Scores::average));
    return text.append(LINE).toString();
  }

  private static void row(
      StringBuilder text,
      String name,
      double score,
      Optional<Double> instanceScore,
      Optional<Double> boundaryScore) {
    text.append(name).append(number(score)).append("    ");
    text.append(instanceScore.map(ScoreTables::number).orElse("  n/a"));
    boundaryScore.ifPresent(b -> text.append("    ").append(number(b)));
    text.append('\n');
  }

  /** Python's {@code {:>5.3f}}. */
  private static String number(double score) {
    return Double.isNaN(score)
        ? "  nan"
        : new BigDecimal(score).setScale(3, RoundingMode.HALF_EVEN).toPlainString();
  }
}
