package io.cityseg.image;

import java.util.Arrays;

/**
 * A colour picture: uint8 [height, width, 3], row-major, channels in the order R, G, B. The array
 * is not copied: whoever makes the picture leaves it alone from then on.
 */
@SuppressWarnings("ArrayRecordComponent") // pictures are large; equality by content is below
public record RgbImage(int height, int width, byte[] pixels) {
  /** Channels of a pixel. */
  public static final int CHANNELS = 3;

  public RgbImage {
    ImageSize.require(height, width, CHANNELS, pixels.length);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RgbImage that
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
    return "RgbImage[" + width + " x " + height + "]";
  }
}
