package io.cityseg.image;

import java.nio.ByteBuffer;

/**
 * PNG files whose pixels are numbers and not light: ids, instances, classes. Unlike {@link
 * ImageCodec} it does without the native library, which makes it quick to begin with, and the same
 * pixels give the same bytes everywhere. Thread-safe.
 */
public final class LabelPng {
  private static final int GREY = 0;
  private static final int RGB_ALPHA = 6;

  private LabelPng() {}

  /**
   * The numbers in an 8-bit file of one channel: the values of a grey file, or the indices of a
   * file with a palette, whose colours are ignored. That is how Pillow reads label images.
   *
   * @throws ImageException when the file is damaged, too large, or of another kind
   */
  public static GreyImage decode(byte[] png, String name) throws ImageException {
    return new LabelPngReader().read(png, name);
  }

  /**
   * The numbers in a 16-bit grey file.
   *
   * @throws ImageException when the file is damaged, too large, or of another kind
   */
  public static Grey16Image decode16(byte[] png, String name) throws ImageException {
    Grey16Bytes image = new LabelPngReader().read16(png, name);
    short[] pixels = new short[image.height() * image.width()];
    ByteBuffer.wrap(image.bytes()).asShortBuffer().get(pixels);
    return new Grey16Image(image.height(), image.width(), pixels);
  }

  /** An 8-bit grey file. */
  public static byte[] encode(GreyImage image) {
    return PngRows.encode(image.height(), image.width(), 8, GREY, image.pixels());
  }

  /** A 16-bit grey file. */
  public static byte[] encode(Grey16Image image) {
    ByteBuffer bytes = ByteBuffer.allocate(image.pixels().length * Short.BYTES);
    bytes.asShortBuffer().put(image.pixels());
    return PngRows.encode(image.height(), image.width(), 16, GREY, bytes.array());
  }

  /**
   * An 8-bit file of RGB with alpha, which is 255 everywhere, as the data set's colour images have
   * it.
   */
  public static byte[] encode(RgbImage image) {
    byte[] rgb = image.pixels();
    byte[] pixels = new byte[rgb.length / RgbImage.CHANNELS * 4];
    for (int from = 0, to = 0; from < rgb.length; from += RgbImage.CHANNELS, to += 4) {
      pixels[to] = rgb[from];
      pixels[to + 1] = rgb[from + 1];
      pixels[to + 2] = rgb[from + 2];
      pixels[to + 3] = (byte) 0xff;
    }
    return PngRows.encode(image.height(), image.width(), 8, RGB_ALPHA, pixels);
  }
}
