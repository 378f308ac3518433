package io.cityseg.report;

import io.cityseg.proto.SplitManifest;
import java.util.List;
import java.util.OptionalDouble;

/**
 * Pixels of each class over a split.
 *
 * @param pixels by class; what is missing at the end counts as 0
 */
record PixelHistogram(List<Long> pixels) {
  PixelHistogram {
    pixels = List.copyOf(pixels);
  }

  static PixelHistogram of(SplitManifest split) {
    return new PixelHistogram(split.getClassPixelsList());
  }

  /** Pixels of a class. */
  long count(int classIndex) {
    return classIndex < pixels.size() ? pixels.get(classIndex) : 0;
  }

  /** A class's share of all pixels, 0..1; nothing when there is no pixel, or none of the class. */
  OptionalDouble share(int classIndex) {
    long total = pixels.stream().mapToLong(Long::longValue).sum();
    return count(classIndex) == 0
        ? OptionalDouble.empty()
        : OptionalDouble.of((double) count(classIndex) / total);
  }
}
