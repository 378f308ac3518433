package io.cityseg.scenes;

/** What a surface looks like: a pure function of the pixel and of what was painted there before. */
@FunctionalInterface
interface Paint {
  /**
   * The pixel's colour.
   *
   * @param x column
   * @param y row
   * @param under the colour painted there before
   */
  int colour(int x, int y, int under);

  /** One colour with fine noise of {@code grain} levels. */
  static Paint plain(int colour, double grain, long seed) {
    return (x, y, under) -> Colours.times(colour, 1 + grain * Colours.lattice(seed, x, y) / 128);
  }

  /** From one colour at the row {@code top} to another at {@code bottom}, with noise. */
  static Paint vertical(int upper, int lower, double top, double bottom, double grain, long seed) {
    return (x, y, under) -> {
      double share = Math.max(0, Math.min(1, (y - top) / Math.max(1, bottom - top)));
      int colour = Colours.mix(upper, lower, share);
      return Colours.times(colour, 1 + grain * Colours.lattice(seed, x, y) / 128);
    };
  }

  /** Leaves: patches of light and shadow {@code patch} pixels wide, down to single pixels. */
  static Paint leaves(int colour, double patch, double contrast, long seed) {
    double size = Math.max(1.5, patch);
    return (x, y, under) -> {
      double shade =
          0.5 * Colours.noise(seed, x / size, y / size)
              + 0.3 * Colours.noise(seed + 1, x * 2.7 / size, y * 2.7 / size)
              + 0.35 * Colours.lattice(seed + 2, x, y);
      return Colours.times(colour, 1 + contrast * shade);
    };
  }

  /** What was there, darker: a shadow. */
  static Paint shadow(double factor) {
    return (x, y, under) -> Colours.times(under, factor);
  }
}
