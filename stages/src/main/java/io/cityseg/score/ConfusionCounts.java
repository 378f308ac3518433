package io.cityseg.score;

import io.cityseg.proto.ConfusionMatrix;

/**
 * How many pixels of each class were given which class: exact integers, so that sums over images
 * and shards do not depend on their order. A mutable counter for one thread.
 */
public final class ConfusionCounts {
  private final int classes;

  /** [C, C] row-major: row = ground truth, column = prediction. */
  private final long[] counts;

  /**
   * Begins at zero.
   *
   * @param classes C, 1..256
   */
  public ConfusionCounts(int classes) {
    if (classes < 1 || classes > 256) {
      throw new IllegalArgumentException(
          "Invalid number of classes: " + classes + " (must be 1..256)");
    }
    this.classes = classes;
    this.counts = new long[classes * classes];
  }

  /**
   * Reads stored counts.
   *
   * @throws IllegalArgumentException when the message does not hold C x C counts of at least 0
   */
  public static ConfusionCounts of(ConfusionMatrix matrix) {
    var counts = new ConfusionCounts(matrix.getClasses());
    if (matrix.getCountsCount() != counts.counts.length) {
      throw new IllegalArgumentException(
          "Invalid confusion matrix: %d counts for %d classes (must be %d)"
              .formatted(matrix.getCountsCount(), matrix.getClasses(), counts.counts.length));
    }
    for (int i = 0; i < counts.counts.length; i++) {
      if (matrix.getCounts(i) < 0) {
        throw new IllegalArgumentException(
            "Invalid confusion matrix: count " + matrix.getCounts(i) + " at index " + i);
      }
      counts.counts[i] = matrix.getCounts(i);
    }
    return counts;
  }

  /** Number of classes C. */
  public int classes() {
    return classes;
  }

  /** Pixels whose ground truth is {@code target} and whose prediction is {@code predicted}. */
  public long count(int target, int predicted) {
    return counts[cell(target, predicted)];
  }

  /** Pixels of a class in the ground truth. */
  public long targetPixels(int target) {
    long sum = 0;
    for (int predicted = 0; predicted < classes; predicted++) {
      sum += count(target, predicted);
    }
    return sum;
  }

  /** Pixels that were given a class. */
  public long predictedPixels(int predicted) {
    long sum = 0;
    for (int target = 0; target < classes; target++) {
      sum += count(target, predicted);
    }
    return sum;
  }

  /**
   * Counts pixels.
   *
   * @param targets classes 0..C-1, a byte a pixel
   * @param predictions classes 0..C-1 of the same pixels
   * @throws IllegalArgumentException when the lengths differ or a class is out of range
   */
  public void add(byte[] targets, byte[] predictions) {
    if (targets.length != predictions.length) {
      throw new IllegalArgumentException(
          "Invalid predictions: %d pixels for a ground truth of %d"
              .formatted(predictions.length, targets.length));
    }
    for (int i = 0; i < targets.length; i++) {
      counts[cell(targets[i] & 0xFF, predictions[i] & 0xFF)]++;
    }
  }

  /** Counts {@code pixels} more pixels, 0 or more, of one ground truth and one prediction. */
  public void add(int target, int predicted, long pixels) {
    if (pixels < 0) {
      throw new IllegalArgumentException("Invalid count: " + pixels + " (must be 0 or more)");
    }
    counts[cell(target, predicted)] += pixels;
  }

  /** Adds another's counts. */
  public void merge(ConfusionCounts other) {
    if (other.classes != classes) {
      throw new IllegalArgumentException(
          "Invalid confusion matrix: %d classes (must be %d)".formatted(other.classes, classes));
    }
    for (int i = 0; i < counts.length; i++) {
      counts[i] += other.counts[i];
    }
  }

  /** The counts as a message. */
  public ConfusionMatrix toProto() {
    var matrix = ConfusionMatrix.newBuilder().setClasses(classes);
    for (long count : counts) {
      matrix.addCounts(count);
    }
    return matrix.build();
  }

  private int cell(int target, int predicted) {
    if (target < 0 || target >= classes || predicted < 0 || predicted >= classes) {
      throw new IllegalArgumentException(
          "Invalid classes: ground truth %d, prediction %d (must be 0..%d)"
              .formatted(target, predicted, classes - 1));
    }
    return target * classes + predicted;
  }
}
