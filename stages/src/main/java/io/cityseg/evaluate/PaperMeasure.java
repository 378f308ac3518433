package io.cityseg.evaluate;

import io.cityseg.score.ConfusionCounts;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/**
 * The measure {@code paper}, that of the reference run: torchmetrics' {@code
 * JaccardIndex(task="multiclass", num_classes=20)} with its macro average, in double precision.
 * Void is a class like the others, trained and counted.
 *
 * @param classIou intersection over union of each class, 0..1; empty where a class is neither in
 *     the ground truth nor predicted
 * @param meanIou mean of the classes' IoU that are present, 0..1; empty when none is
 * @param pixelAccuracy share of all pixels that were given their class, 0..1; empty when there are
 *     no pixels
 */
public record PaperMeasure(
    List<OptionalDouble> classIou, OptionalDouble meanIou, OptionalDouble pixelAccuracy) {
  /** How stored numbers say which measure they are. */
  public static final String NAME = "paper";

  public PaperMeasure {
    classIou = List.copyOf(classIou);
  }

  /** Measures what has been counted. */
  public static PaperMeasure of(ConfusionCounts counts) {
    List<OptionalDouble> classIou = new ArrayList<>();
    long correct = 0;
    long pixels = 0;
    for (int c = 0; c < counts.classes(); c++) {
      long intersection = counts.count(c, c);
      long union = counts.targetPixels(c) + counts.predictedPixels(c) - intersection;
      classIou.add(ratio(intersection, union));
      correct += intersection;
      pixels += counts.targetPixels(c);
    }
    OptionalDouble mean =
        classIou.stream()
            .filter(OptionalDouble::isPresent)
            .mapToDouble(OptionalDouble::getAsDouble)
            .average();
    return new PaperMeasure(classIou, mean, ratio(correct, pixels));
  }

  private static OptionalDouble ratio(long part, long whole) {
    return whole == 0 ? OptionalDouble.empty() : OptionalDouble.of((double) part / whole);
  }
}
