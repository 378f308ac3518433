package io.cityseg.scenes;

import java.util.List;

/**
 * Random numbers of a scene: SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom
 * number generators", OOPSLA 2014). It stands here in full because the drawn bytes depend on it,
 * and no Java release promises to keep the numbers of the generators in {@code java.util}. For one
 * thread.
 */
final class SceneRandom {
  private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;
  private static final double UNIT = 0x1.0p-53;

  private long state;

  SceneRandom(long seed) {
    this.state = seed;
  }

  /** Spreads the bits of a number over all 64 bits. */
  static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  /** 64 random bits. */
  long next() {
    state += GOLDEN_GAMMA;
    return mix(state);
  }

  /** A number in [low, high). */
  double between(double low, double high) {
    return low + (high - low) * ((next() >>> 11) * UNIT);
  }

  /** A whole number in [0, bound). */
  int below(int bound) {
    return (int) Math.floorMod(next() >>> 1, (long) bound);
  }

  /** True with the given probability. */
  boolean chance(double probability) {
    return between(0, 1) < probability;
  }

  /** One of several. */
  <T> T pick(List<T> choices) {
    return choices.get(below(choices.size()));
  }
}
