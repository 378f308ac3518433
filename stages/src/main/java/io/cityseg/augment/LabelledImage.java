package io.cityseg.augment;

import io.cityseg.image.GreyImage;
import io.cityseg.image.RgbImage;

/**
 * An image and the label of each of its pixels.
 *
 * @param image uint8 [H, W, 3]
 * @param label uint8 [H, W], trainIds 0..18, or 255 for void
 */
public record LabelledImage(RgbImage image, GreyImage label) {
  public LabelledImage {
    if (image.height() != label.height() || image.width() != label.width()) {
      throw new IllegalArgumentException(
          "Invalid example: an image of %d x %d pixels and a label of %d x %d (must be the same)"
              .formatted(image.width(), image.height(), label.width(), label.height()));
    }
  }

  /** Rows. */
  public int height() {
    return image.height();
  }

  /** Columns. */
  public int width() {
    return image.width();
  }
}
