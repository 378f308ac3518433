package io.cityseg.augment;

import static java.util.Objects.requireNonNull;

import io.cityseg.image.Hsv;
import io.cityseg.image.RgbImage;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * Changes of brightness, contrast, saturation and hue: {@code PhotoMetricDistortion} of
 * mmsegmentation 1.x (mmseg/datasets/transforms/transforms.py), after the SSD paper (Liu et al.,
 * 2016). Given the same values it gives the same bytes. Each part is left out with probability 0.5.
 *
 * <p>The original works on B, G, R; every operation treats channels alike or goes through OpenCV's
 * HSV, so R, G, B give the same picture.
 *
 * @param brightness is added to every channel
 * @param contrast every channel is multiplied by it
 * @param contrastFirst whether contrast comes before saturation and hue, or after them
 * @param saturation the saturation is multiplied by it
 * @param hue is added to the hue, half degrees
 */
record PhotometricDistortion(
    OptionalDouble brightness,
    OptionalDouble contrast,
    boolean contrastFirst,
    OptionalDouble saturation,
    OptionalInt hue) {
  /** The original's defaults. */
  private static final double BRIGHTNESS_DELTA = 32;

  private static final double LOWEST_FACTOR = 0.5;
  private static final double HIGHEST_FACTOR = 1.5;
  private static final int HUE_DELTA = 18;

  /** Values of OpenCV's 8-bit hue. */
  private static final int HUES = 180;

  private static final int HUE_CHANNEL = 0;
  private static final int SATURATION_CHANNEL = 1;

  PhotometricDistortion {
    requireNonNull(brightness, "brightness");
    requireNonNull(contrast, "contrast");
    requireNonNull(saturation, "saturation");
    requireNonNull(hue, "hue");
  }

  /**
   * Draws a distortion: brightness -32 to 32, contrast and saturation 0.5 to 1.5, hue -18 to 17 (as
   * in the original, whose upper bound is excluded).
   */
  static PhotometricDistortion draw(RandomStream random) {
    OptionalDouble brightness = perhaps(random, -BRIGHTNESS_DELTA, BRIGHTNESS_DELTA);
    boolean contrastFirst = random.nextBoolean();
    OptionalDouble contrast = perhaps(random, LOWEST_FACTOR, HIGHEST_FACTOR);
    OptionalDouble saturation = perhaps(random, LOWEST_FACTOR, HIGHEST_FACTOR);
    OptionalInt hue =
        random.nextBoolean()
            ? OptionalInt.of(random.nextInt(2 * HUE_DELTA) - HUE_DELTA)
            : OptionalInt.empty();
    return new PhotometricDistortion(brightness, contrast, contrastFirst, saturation, hue);
  }

  /** The distorted picture. */
  RgbImage apply(RgbImage image) {
    RgbImage distorted = image;
    if (brightness.isPresent()) {
      distorted = converted(distorted, linear(1, brightness.getAsDouble()));
    }
    if (contrast.isPresent() && contrastFirst) {
      distorted = converted(distorted, linear(contrast.getAsDouble(), 0));
    }
    if (saturation.isPresent()) {
      distorted = throughHsv(distorted, SATURATION_CHANNEL, linear(saturation.getAsDouble(), 0));
    }
    if (hue.isPresent()) {
      distorted = throughHsv(distorted, HUE_CHANNEL, rotation(hue.getAsInt()));
    }
    if (contrast.isPresent() && !contrastFirst) {
      distorted = converted(distorted, linear(contrast.getAsDouble(), 0));
    }
    return distorted;
  }

  private static OptionalDouble perhaps(RandomStream random, double from, double to) {
    return random.nextBoolean()
        ? OptionalDouble.of(random.nextDouble(from, to))
        : OptionalDouble.empty();
  }

  /**
   * The original's {@code convert} for every byte: {@code clip(float32(v) * alpha + beta, 0, 255)}
   * and the fraction cut off. NumPy rounds the factors to float32 and after each operation.
   */
  private static byte[] linear(double alpha, double beta) {
    float factor = (float) alpha;
    float bias = (float) beta;
    byte[] table = new byte[256];
    for (int value = 0; value < table.length; value++) {
      float changed = value * factor + bias;
      table[value] = (byte) (int) Math.min(Math.max(changed, 0f), 255f);
    }
    return table;
  }

  private static byte[] rotation(int hue) {
    byte[] table = new byte[256];
    for (int value = 0; value < table.length; value++) {
      table[value] = (byte) Math.floorMod(value + hue, HUES);
    }
    return table;
  }

  private static RgbImage converted(RgbImage image, byte[] table) {
    byte[] pixels = new byte[image.pixels().length];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = table[image.pixels()[i] & 0xFF];
    }
    return new RgbImage(image.height(), image.width(), pixels);
  }

  private static RgbImage throughHsv(RgbImage image, int channel, byte[] table) {
    byte[] hsv = Hsv.of(image);
    for (int i = channel; i < hsv.length; i += RgbImage.CHANNELS) {
      hsv[i] = table[hsv[i] & 0xFF];
    }
    return Hsv.toRgb(image.height(), image.width(), hsv);
  }
}
