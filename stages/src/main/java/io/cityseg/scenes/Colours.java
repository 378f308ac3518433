package io.cityseg.scenes;

/** Colours as packed 0xRRGGBB numbers, and the noise that makes surfaces of them. */
final class Colours {
  private Colours() {}

  /** A colour of three channels, each cut to 0..255. */
  static int rgb(double red, double green, double blue) {
    return clamp(red) << 16 | clamp(green) << 8 | clamp(blue);
  }

  static int red(int colour) {
    return colour >> 16 & 0xFF;
  }

  static int green(int colour) {
    return colour >> 8 & 0xFF;
  }

  static int blue(int colour) {
    return colour & 0xFF;
  }

  /** Every channel times a factor. */
  static int times(int colour, double factor) {
    return rgb(red(colour) * factor, green(colour) * factor, blue(colour) * factor);
  }

  /** {@code share} of one colour in the other: 0 is all {@code from}, 1 all {@code to}. */
  static int mix(int from, int to, double share) {
    return rgb(
        red(from) + (red(to) - red(from)) * share,
        green(from) + (green(to) - green(from)) * share,
        blue(from) + (blue(to) - blue(from)) * share);
  }

  /** The colour with every channel moved by up to {@code amount} at random. */
  static int jitter(int colour, double amount, SceneRandom random) {
    double all = random.between(-amount, amount);
    return rgb(
        red(colour) + all + random.between(-amount, amount) / 3,
        green(colour) + all + random.between(-amount, amount) / 3,
        blue(colour) + all + random.between(-amount, amount) / 3);
  }

  /** Smooth noise in -1..1 with features about one unit wide. */
  static double noise(long seed, double x, double y) {
    double left = Math.floor(x);
    double top = Math.floor(y);
    double u = smooth(x - left);
    double v = smooth(y - top);
    long column = (long) left;
    long row = (long) top;
    double upper = blend(lattice(seed, column, row), lattice(seed, column + 1, row), u);
    double lower = blend(lattice(seed, column, row + 1), lattice(seed, column + 1, row + 1), u);
    return blend(upper, lower, v);
  }

  /** White noise in -1..1: a number for each point of the integer grid. */
  static double lattice(long seed, long x, long y) {
    long bits = SceneRandom.mix(seed + x * 0x9E3779B97F4A7C15L + y * 0xC2B2AE3D27D4EB4FL);
    return (bits >> 11) * 0x1.0p-52;
  }

  private static double smooth(double t) {
    return t * t * (3 - 2 * t);
  }

  private static double blend(double from, double to, double share) {
    return from + (to - from) * share;
  }

  private static int clamp(double channel) {
    return (int) Math.max(0, Math.min(255, Math.floor(channel + 0.5)));
  }
}
