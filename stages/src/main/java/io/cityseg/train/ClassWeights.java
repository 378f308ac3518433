package io.cityseg.train;

import io.cityseg.labels.CityscapesLabels;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** What {@code train.class_weights} may say. */
final class ClassWeights {
  private static final String NONE = "none";
  private static final String INVERSE_LOG_FREQUENCY = "inverse_log_frequency";
  private static final int CLASSES = CityscapesLabels.VOID_CLASS + 1;

  /**
   * ENet's constant (Paszke et al. 2016, "ENet", section 5.2), which keeps weights within 1..50.
   */
  private static final double SMOOTHING = 1.02;

  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,9}(\\.[0-9]{1,9})?");

  private ClassWeights() {}

  /** What is wrong with a text; nothing when it can be used. */
  static Optional<String> problem(String text) {
    if (text.equals(NONE) || text.equals(INVERSE_LOG_FREQUENCY)) {
      return Optional.empty();
    }
    String[] numbers = text.split(",", -1);
    for (String number : numbers) {
      if (numbers.length != CLASSES || !NUMBER.matcher(number.strip()).matches()) {
        return Optional.of(
            "Invalid train.class_weights: '%s' (must be %s, %s, or %d numbers with commas between them)"
                .formatted(text, NONE, INVERSE_LOG_FREQUENCY, CLASSES));
      }
    }
    return Optional.empty();
  }

  /**
   * The pixels' weights.
   *
   * @param text without a {@link #problem}
   * @param ignoreVoid whether void counts nothing
   * @param classPixels of the training split, class 0..19
   */
  static PixelWeights of(String text, boolean ignoreVoid, List<Long> classPixels) {
    if (text.equals(NONE) && !ignoreVoid) {
      return PixelWeights.equal(CLASSES);
    }
    List<Double> weights =
        switch (text) {
          case NONE -> Collections.nCopies(CLASSES, 1.0);
          case INVERSE_LOG_FREQUENCY -> inverseLogFrequency(classPixels, ignoreVoid);
          default -> Pattern.compile(",").splitAsStream(text).map(Double::valueOf).toList();
        };
    return ignoreVoid
        ? PixelWeights.of(weights, CityscapesLabels.VOID_CLASS)
        : PixelWeights.of(weights);
  }

  private static List<Double> inverseLogFrequency(List<Long> classPixels, boolean ignoreVoid) {
    if (classPixels.size() != CLASSES) {
      throw new IllegalArgumentException(
          "Invalid class pixels: %d counts (must be %d)".formatted(classPixels.size(), CLASSES));
    }
    long counted = 0;
    for (int c = 0; c < CLASSES; c++) {
      counted += ignoreVoid && c == CityscapesLabels.VOID_CLASS ? 0 : classPixels.get(c);
    }
    List<Double> weights = new ArrayList<>();
    for (long pixels : classPixels) {
      weights.add(1 / Math.log(SMOOTHING + (counted == 0 ? 0 : (double) pixels / counted)));
    }
    return weights;
  }
}
