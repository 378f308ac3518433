package io.cityseg.score;

import io.cityseg.proto.BoundaryPixels;
import java.util.Arrays;

/**
 * Pixels of classes' boundary regions, summed over images: integers, so that sums do not depend on
 * their order. The arrays are not copied: whoever makes the counts leaves them alone from then on.
 *
 * @param intersections for each class: pixels in the boundary regions of both ground truth and
 *     prediction
 * @param unions for each class: pixels in one of them or both
 */
@SuppressWarnings("ArrayRecordComponent") // equality by content is below
public record BoundaryCounts(long[] intersections, long[] unions) {
  public BoundaryCounts {
    if (intersections.length != unions.length) {
      throw new IllegalArgumentException(
          "Invalid boundary counts: %d intersections, %d unions (must be one of each for a class)"
              .formatted(intersections.length, unions.length));
    }
    for (int i = 0; i < unions.length; i++) {
      if (intersections[i] < 0 || unions[i] < intersections[i]) {
        throw new IllegalArgumentException(
            "Invalid boundary counts of class %d: intersection %d, union %d"
                .formatted(i, intersections[i], unions[i]));
      }
    }
  }

  /**
   * Reads stored counts.
   *
   * @throws IllegalArgumentException when the message does not hold a union of at least its
   *     intersection for each class
   */
  public static BoundaryCounts of(BoundaryPixels pixels) {
    return new BoundaryCounts(
        pixels.getIntersectionsList().stream().mapToLong(Long::longValue).toArray(),
        pixels.getUnionsList().stream().mapToLong(Long::longValue).toArray());
  }

  /** The counts as a message. */
  public BoundaryPixels toProto() {
    BoundaryPixels.Builder pixels = BoundaryPixels.newBuilder();
    for (int i = 0; i < unions.length; i++) {
      pixels.addIntersections(intersections[i]).addUnions(unions[i]);
    }
    return pixels.build();
  }

  /** No pixels of so many classes. */
  public static BoundaryCounts none(int classes) {
    return new BoundaryCounts(new long[classes], new long[classes]);
  }

  /** These and others of as many classes. */
  public BoundaryCounts plus(BoundaryCounts other) {
    if (other.unions.length != unions.length) {
      throw new IllegalArgumentException(
          "Invalid boundary counts: %d classes (must be %d)"
              .formatted(other.unions.length, unions.length));
    }
    long[] sumOfIntersections = intersections.clone();
    long[] sumOfUnions = unions.clone();
    for (int i = 0; i < unions.length; i++) {
      sumOfIntersections[i] += other.intersections[i];
      sumOfUnions[i] += other.unions[i];
    }
    return new BoundaryCounts(sumOfIntersections, sumOfUnions);
  }

  /** Boundary IoU of a class, 0 to 1; NaN where neither side has it. */
  public double iou(int classIndex) {
    return unions[classIndex] == 0
        ? Double.NaN
        : (double) intersections[classIndex] / unions[classIndex];
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof BoundaryCounts that
        && Arrays.equals(intersections, that.intersections)
        && Arrays.equals(unions, that.unions);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(intersections) + Arrays.hashCode(unions);
  }

  @Override
  public String toString() {
    return "BoundaryCounts[%s of %s]"
        .formatted(Arrays.toString(intersections), Arrays.toString(unions));
  }
}
