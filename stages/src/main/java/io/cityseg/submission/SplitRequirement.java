package io.cityseg.submission;

import static java.util.Objects.requireNonNull;

import io.cityseg.image.PixelSize;
import java.util.Optional;

/**
 * What a split's images must be.
 *
 * @param split "test" or "val"
 * @param images how many there must be; any number from 1 on when empty
 * @param size of every image; when empty, that of the first
 */
public record SplitRequirement(String split, Optional<Integer> images, Optional<PixelSize> size) {
  /** The benchmark's test split, as its server wants it. */
  private static final int TEST_IMAGES = 1525;

  private static final PixelSize TEST_SIZE = new PixelSize(1024, 2048);

  public SplitRequirement {
    requireNonNull(images, "images");
    requireNonNull(size, "size");
    if (!split.equals("test") && !split.equals("val")) {
      throw new IllegalArgumentException("Invalid split: '" + split + "' (must be test or val)");
    }
    if (images.isPresent() && images.get() < 1) {
      throw new IllegalArgumentException(
          "Invalid number of images: " + images.get() + " (must be at least 1)");
    }
  }

  /**
   * Fills in what the benchmark asks of the split test.
   *
   * @param images as given by the user
   * @param size as given by the user
   */
  public static SplitRequirement of(
      String split, Optional<Integer> images, Optional<PixelSize> size) {
    boolean test = split.equals("test");
    return new SplitRequirement(
        split,
        images.or(() -> test ? Optional.of(TEST_IMAGES) : Optional.empty()),
        size.or(() -> test ? Optional.of(TEST_SIZE) : Optional.empty()));
  }
}
