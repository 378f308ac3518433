package io.cityseg.augment;

/**
 * The size of a scaled picture.
 *
 * @param height rows
 * @param width columns
 */
record ScaledSize(int height, int width) {
  /**
   * The arithmetic of mmcv 2: {@code RandomResize._random_sample_ratio} (the wanted sides, cut to
   * whole pixels) and {@code rescale_size} (the largest size within them that keeps the ratio,
   * rounded). The size that is scaled is the example's own.
   *
   * @param ratio of the sides, above 0
   */
  static ScaledSize of(int height, int width, double ratio) {
    int wantedHeight = (int) (height * ratio);
    int wantedWidth = (int) (width * ratio);
    double factor =
        Math.min(
            (double) Math.max(wantedHeight, wantedWidth) / Math.max(height, width),
            (double) Math.min(wantedHeight, wantedWidth) / Math.min(height, width));
    return new ScaledSize(
        Math.max(1, (int) (height * factor + 0.5)), Math.max(1, (int) (width * factor + 0.5)));
  }
}
