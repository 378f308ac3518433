package io.cityseg.image;

import java.util.Arrays;

/**
 * A picture of one channel: uint8 [height, width], row-major. The array is not copied: whoever
 * makes the picture leaves it alone from then on.
 */
@SuppressWarnings("ArrayRecordComponent") // pictures are large; equality by content is below
public record GreyImage(int height, int width, byte[] pixels) {
  public GreyImage {
    ImageSize.require(height, width, 1, pixels.length);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof GreyImage that
        && height == that.height
        && width == that.width
        && Arrays.equals(pixels, that.pixels);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * height + width) + Arrays.hashCode(pixels);
  }

  @Override
  public String toString() {
    return "GreyImage[" + width + " x " + height + "]";
  }
}
