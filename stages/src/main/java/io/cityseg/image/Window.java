package io.cityseg.image;

/**
 * A rectangle of a picture, pixels.
 *
 * @param top its first row
 * @param left its first column
 * @param height rows, at least 1
 * @param width columns, at least 1
 */
public record Window(int top, int left, int height, int width) {
  public Window {
    if (top < 0 || left < 0 || height < 1 || width < 1) {
      throw new IllegalArgumentException(
          "Invalid window: %d x %d pixels from column %d, row %d (must be at least 1 x 1, from 0)"
              .formatted(width, height, left, top));
    }
  }

  /** All of a picture. */
  public static Window whole(int height, int width) {
    return new Window(0, 0, height, width);
  }

  /** The pixels of a picture of one channel that are in the window. */
  public GreyImage of(GreyImage image) {
    requireWithin(image.height(), image.width());
    return new GreyImage(height, width, cut(image.pixels(), image.width(), 1));
  }

  /** The pixels of a colour picture that are in the window. */
  public RgbImage of(RgbImage image) {
    requireWithin(image.height(), image.width());
    return new RgbImage(height, width, cut(image.pixels(), image.width(), RgbImage.CHANNELS));
  }

  void requireWithin(int imageHeight, int imageWidth) {
    if (imageHeight - height < top || imageWidth - width < left) {
      throw new IllegalArgumentException(
          "Invalid window: %d x %d pixels from column %d, row %d of a picture of %d x %d"
              .formatted(width, height, left, top, imageWidth, imageHeight));
    }
  }

  private byte[] cut(byte[] pixels, int imageWidth, int channels) {
    byte[] cut = new byte[height * width * channels];
    for (int y = 0; y < height; y++) {
      int from = ((top + y) * imageWidth + left) * channels;
      System.arraycopy(pixels, from, cut, y * width * channels, width * channels);
    }
    return cut;
  }
}
