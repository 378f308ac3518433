package io.cityseg.image;

/**
 * {@code cv2.cvtColor} between RGB and HSV for 8 bits a channel: hue 0..179 (half degrees),
 * saturation and value 0..255. Going there and back loses up to a few units.
 *
 * <p>The arithmetic is OpenCV 4.9.0's (modules/imgproc/src/color_hsv.simd.hpp) and is written out
 * because the library's own depends on the processor and on a pixel's place: back from HSV it cuts
 * off the fraction in blocks of 16 or 32 pixels, with fused multiplication where there is AVX2, and
 * rounds in what is left of a row. Here every pixel is treated as in its blocks with AVX2: equal
 * bytes for all of the 2^24 and 180 x 2^16 colours. Thread-safe.
 */
public final class Hsv {
  private static final int CHANNELS = RgbImage.CHANNELS;
  private static final int HUES = 180;
  private static final int SECTORS = 6;

  /** RGB2HSV_b: fixed-point arithmetic. */
  private static final int SHIFT = 12;

  private static final int HALF = 1 << (SHIFT - 1);
  private static final int[] SATURATION_FACTORS = factors(255);
  private static final int[] HUE_FACTORS = factors(HUES / (double) SECTORS);

  private Hsv() {}

  /** COLOR_RGB2HSV: uint8 [H, W, 3], channels in the order hue, saturation, value. */
  public static byte[] of(RgbImage image) {
    byte[] rgb = image.pixels();
    byte[] hsv = new byte[rgb.length];
    for (int i = 0; i < rgb.length; i += CHANNELS) {
      int r = rgb[i] & 0xFF;
      int g = rgb[i + 1] & 0xFF;
      int b = rgb[i + 2] & 0xFF;
      int value = Math.max(r, Math.max(g, b));
      int range = value - Math.min(r, Math.min(g, b));
      int hue;
      if (value == r) {
        hue = g - b;
      } else if (value == g) {
        hue = b - r + 2 * range;
      } else {
        hue = r - g + 4 * range;
      }
      hue = (hue * HUE_FACTORS[range] + HALF) >> SHIFT;
      hsv[i] = (byte) (hue < 0 ? hue + HUES : hue);
      hsv[i + 1] = (byte) ((range * SATURATION_FACTORS[value] + HALF) >> SHIFT);
      hsv[i + 2] = (byte) value;
    }
    return hsv;
  }

  /**
   * COLOR_HSV2RGB.
   *
   * @param hsv uint8 [height, width, 3] as {@link #of} gives it
   */
  public static RgbImage toRgb(int height, int width, byte[] hsv) {
    ImageSize.require(height, width, CHANNELS, hsv.length);
    byte[] rgb = new byte[hsv.length];
    for (int i = 0; i < hsv.length; i += CHANNELS) {
      putRgb(hsv[i] & 0xFF, hsv[i + 1] & 0xFF, hsv[i + 2] & 0xFF, rgb, i);
    }
    return new RgbImage(height, width, rgb);
  }

  /** HSV2RGB_simd, single precision. */
  private static void putRgb(int hue, int saturation, int brightness, byte[] rgb, int at) {
    float s = saturation * (1f / 255f);
    float v = brightness * (1f / 255f);
    float h = hue * (SECTORS / (float) HUES);
    int sector = (int) h;
    float fraction = h - sector;
    byte full = cut(v);
    byte low = cut(v * (1f - s));
    byte falling = cut(v * oneMinusProduct(s, fraction));
    byte rising = cut(v * oneMinusProduct(s, 1f - fraction));
    switch (sector % SECTORS) {
      case 0 -> put(rgb, at, full, rising, low);
      case 1 -> put(rgb, at, falling, full, low);
      case 2 -> put(rgb, at, low, full, rising);
      case 3 -> put(rgb, at, low, falling, full);
      case 4 -> put(rgb, at, rising, low, full);
      default -> put(rgb, at, full, low, falling);
    }
  }

  /**
   * 1 - a * b as a fused operation: the product of two floats is exact in double precision. {@link
   * Math#fma(float, float, float)} is a hundred times slower where the processor has none.
   */
  private static float oneMinusProduct(float a, float b) {
    return (float) (1d - (double) a * b);
  }

  private static byte cut(float share) {
    return (byte) (int) (share * 255f);
  }

  private static void put(byte[] rgb, int at, byte red, byte green, byte blue) {
    rgb[at] = red;
    rgb[at + 1] = green;
    rgb[at + 2] = blue;
  }

  private static int[] factors(double unit) {
    int[] factors = new int[256];
    for (int i = 1; i < factors.length; i++) {
      factors[i] = (int) Math.rint(unit * (1 << SHIFT) / i);
    }
    return factors;
  }
}
