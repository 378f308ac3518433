package io.cityseg.image;

import java.util.Arrays;

/**
 * A picture of one channel: uint16 [height, width], row-major; a pixel's value is {@code pixel &
 * 0xffff}. The array is not copied: whoever makes the picture leaves it alone from then on.
 */
@SuppressWarnings("ArrayRecordComponent") // pictures are large; equality by content is below
public record Grey16Image(int height, int width, short[] pixels) {
  public Grey16Image {
    ImageSize.require(height, width, 1, pixels.length);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Grey16Image that
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
    return "Grey16Image[" + width + " x " + height + "]";
  }
}
