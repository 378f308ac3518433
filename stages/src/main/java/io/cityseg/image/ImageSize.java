package io.cityseg.image;

import java.util.Optional;

/** How large a picture may be: checked before any memory is taken for its pixels. */
public final class ImageSize {
  /** The longest side, pixels. */
  public static final int MAX_SIDE = 16_384;

  /** The largest picture, pixels. */
  public static final int MAX_PIXELS = 128 << 20;

  private ImageSize() {}

  /** What is wrong with a size; nothing when it is 1 x 1 or larger, and within the limits. */
  public static Optional<String> problem(long height, long width) {
    if (height < 1 || width < 1) {
      return Optional.of(
          "a size of %d x %d pixels (must be at least 1 x 1)".formatted(width, height));
    }
    if (height > MAX_SIDE || width > MAX_SIDE || height * width > MAX_PIXELS) {
      return Optional.of(
          "a size of %d x %d pixels (must be at most %d on a side, and %d together)"
              .formatted(width, height, MAX_SIDE, MAX_PIXELS));
    }
    return Optional.empty();
  }

  /** Refuses what a picture in memory cannot be. */
  static void require(int height, int width, int channels, int samples) {
    Optional<String> problem = problem(height, width);
    if (problem.isPresent()) {
      throw new IllegalArgumentException("Invalid image: " + problem.get());
    }
    if (samples != height * width * channels) {
      throw new IllegalArgumentException(
          "Invalid image: %d samples for %d x %d pixels of %d channels (must be %d)"
              .formatted(samples, width, height, channels, height * width * channels));
    }
  }
}
