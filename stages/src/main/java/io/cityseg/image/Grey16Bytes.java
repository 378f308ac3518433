package io.cityseg.image;

import java.util.Arrays;

/**
 * A picture of one channel: uint16 [height, width], row-major, each number as two bytes, the higher
 * one first. The array is not copied: it belongs to whoever made the picture.
 */
@SuppressWarnings("ArrayRecordComponent") // pictures are large; equality by content is below
public record Grey16Bytes(int height, int width, byte[] bytes) {
  public Grey16Bytes {
    ImageSize.require(height, width, Short.BYTES, bytes.length);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Grey16Bytes that
        && height == that.height
        && width == that.width
        && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * height + width) + Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return "Grey16Bytes[" + width + " x " + height + "]";
  }
}
