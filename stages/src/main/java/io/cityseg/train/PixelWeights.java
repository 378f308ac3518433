package io.cityseg.train;

import ai.djl.ndarray.NDArray;
import io.cityseg.labels.CityscapesLabels;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * How much a pixel of a target counts in the loss: the weight of its class, and 0 for those that
 * are ignored, as PyTorch's {@code cross_entropy} with {@code weight} and {@code ignore_index}. A
 * target that is neither a class nor ignored weighs NaN, so that it cannot be overlooked.
 * Immutable.
 */
final class PixelWeights {
  /** Targets are bytes. */
  private static final int TARGETS = 256;

  /** No class is ignored. */
  private static final int NONE = -1;

  private final int classes;
  private final float[] weights;
  private final int ignored;
  private final boolean equal;

  private PixelWeights(int classes, float[] weights, int ignored, boolean equal) {
    this.classes = classes;
    this.weights = weights;
    this.ignored = ignored;
    this.equal = equal;
  }

  /** Every pixel of every class counts 1. */
  static PixelWeights equal(int classes) {
    return new PixelWeights(classes, table(Collections.nCopies(classes, 1.0)), NONE, true);
  }

  /**
   * Weights of the classes.
   *
   * @param weights of class 0, 1, ...; 0 or more
   * @param ignored a target whose pixels do not count: a class, or a number beyond (255)
   */
  static PixelWeights of(List<Double> weights, int ignored) {
    float[] table = table(weights);
    table[ignored] = 0;
    return new PixelWeights(weights.size(), table, ignored, false);
  }

  /** Weights of the classes; every class counts. */
  static PixelWeights of(List<Double> weights) {
    return new PixelWeights(weights.size(), table(weights), NONE, false);
  }

  /** The same pixels, each counting 1. */
  PixelWeights equalized() {
    if (equal) {
      return this;
    }
    float[] table = weights.clone();
    for (int target = 0; target < TARGETS; target++) {
      // A class of weight 0 is measured all the same, unless it is the ignored one.
      table[target] = target < classes && target != ignored ? 1 : table[target];
    }
    return new PixelWeights(classes, table, ignored, false);
  }

  private static float[] table(List<Double> weights) {
    float[] table = new float[TARGETS];
    Arrays.fill(table, Float.NaN);
    for (int c = 0; c < weights.size(); c++) {
      double weight = weights.get(c);
      if (!(weight >= 0) || Double.isInfinite(weight)) {
        throw new IllegalArgumentException(
            "Invalid weight of class %d: %s (must be a number of at least 0)".formatted(c, weight));
      }
      table[c] = (float) weight;
    }
    if (weights.size() <= CityscapesLabels.VOID_TRAIN_ID) {
      table[CityscapesLabels.VOID_TRAIN_ID] = 0;
    }
    return table;
  }

  /** Whether every pixel counts 1. */
  boolean areEqual() {
    return equal;
  }

  /**
   * The sum of the weights of some pixels: what the sum of their losses is divided by for the mean.
   *
   * @param targets a byte a pixel
   */
  double total(byte[] targets) {
    long[] pixels = new long[TARGETS];
    for (byte target : targets) {
      pixels[target & 0xFF]++;
    }
    double total = 0;
    for (int target = 0; target < TARGETS; target++) {
      if (pixels[target] > 0) {
        total += pixels[target] * (double) weights[target];
      }
    }
    return total;
  }

  /**
   * The weight of every pixel, float32 [N, 1, H, W].
   *
   * @param targets int64 [N, H, W]
   */
  NDArray of(NDArray targets) {
    try (NDArray table = targets.getManager().create(weights);
        NDArray flat = targets.flatten();
        NDArray values = table.gather(flat, 0)) {
      return values.reshape(targets.getShape().get(0), 1, height(targets), width(targets));
    }
  }

  /**
   * The classes of the pixels, int64 [N, 1, H, W]; any class where the weight is 0.
   *
   * @param targets int64 [N, H, W]
   */
  NDArray classes(NDArray targets) {
    try (NDArray clipped = targets.clip(0L, (long) classes - 1)) {
      return clipped.expandDims(1);
    }
  }

  private static long height(NDArray targets) {
    return targets.getShape().get(1);
  }

  private static long width(NDArray targets) {
    return targets.getShape().get(2);
  }
}
