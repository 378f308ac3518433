package io.cityseg.model;

import java.nio.FloatBuffer;

/**
 * The network's input: pictures normalised by ImageNet's mean and standard deviation.
 *
 * <p>The values are those of Albumentations 2.0.8 {@code Normalize(max_pixel_value=255)}, bit for
 * bit: {@code (byte - mean * 255) * (1 / (std * 255))}, every operation in single precision.
 */
public final class ImageNet {
  /** Red, green, blue: torchvision's constants, of values in 0..1. */
  private static final float[] MEAN = {0.485f, 0.456f, 0.406f};

  private static final float[] STANDARD_DEVIATION = {0.229f, 0.224f, 0.225f};
  private static final float MAX_PIXEL = 255f;
  private static final int CHANNELS = 3;
  private static final float[][] NORMALISED = table();

  private ImageNet() {}

  /** The normalised value of a byte (0..255) in a channel (0 red, 1 green, 2 blue). */
  static float normalised(int channel, int value) {
    return NORMALISED[channel][value];
  }

  /**
   * Normalises a picture.
   *
   * @param rgb [height, width, 3] in row-major order, 8 bits a channel
   * @param height rows
   * @param width columns
   * @param flip whether to mirror it left to right
   * @param chw where [3, height, width] is put, from its position on, which advances
   * @throws IllegalArgumentException when a size does not fit
   */
  public static void normalize(byte[] rgb, int height, int width, boolean flip, FloatBuffer chw) {
    normalizePadded(rgb, height, width, flip, height, width, chw);
  }

  /**
   * Normalises a picture and adds rows and columns of zeros, the mean colour, below it and at its
   * right; a mirrored picture stays at the left. mmsegmentation pads so: after the normalisation.
   *
   * @param rows of the result, at least {@code height}
   * @param columns of the result, at least {@code width}
   * @param chw where [3, rows, columns] is put, from its position on, which advances
   */
  public static void normalizePadded(
      byte[] rgb, int height, int width, boolean flip, int rows, int columns, FloatBuffer chw) {
    long pixels = (long) height * width;
    if (height < 1 || width < 1 || rgb.length != CHANNELS * pixels) {
      throw new IllegalArgumentException(
          "Invalid picture: %d bytes for %d x %d pixels (must be %d)"
              .formatted(rgb.length, height, width, CHANNELS * pixels));
    }
    long needed = (long) CHANNELS * rows * columns;
    if (rows < height || columns < width || chw.remaining() < needed) {
      throw new IllegalArgumentException(
          "Invalid buffer: room for %d values (must be %d)".formatted(chw.remaining(), needed));
    }
    float[] row = new float[columns];
    float[] empty = new float[columns];
    for (int channel = 0; channel < CHANNELS; channel++) {
      float[] table = NORMALISED[channel];
      for (int y = 0; y < height; y++) {
        int at = CHANNELS * y * width + channel;
        int x = flip ? width - 1 : 0;
        int step = flip ? -1 : 1;
        for (int i = 0; i < width; i++, at += CHANNELS, x += step) {
          row[x] = table[rgb[at] & 0xFF];
        }
        chw.put(row);
      }
      for (int y = height; y < rows; y++) {
        chw.put(empty);
      }
    }
  }

  private static float[][] table() {
    float[][] table = new float[CHANNELS][256];
    for (int channel = 0; channel < CHANNELS; channel++) {
      float mean = MEAN[channel] * MAX_PIXEL;
      float factor = 1f / (STANDARD_DEVIATION[channel] * MAX_PIXEL);
      for (int value = 0; value < 256; value++) {
        table[channel][value] = (value - mean) * factor;
      }
    }
    return table;
  }
}
