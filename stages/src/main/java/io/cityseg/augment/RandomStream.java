package io.cityseg.augment;

import io.cityseg.store.Digest;
import java.nio.charset.StandardCharsets;

/**
 * Random numbers that follow from a seed and from what they are drawn for: SplitMix64 (Steele, Lea
 * and Flood, 2014), written out because the results must not change with the Java version.
 */
public final class RandomStream {
  private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

  private long state;

  /**
   * Begins a stream.
   *
   * @param purpose keeps the streams of one seed apart: "order", "flip", "augment"
   * @param place the epoch, the item
   */
  public RandomStream(long seed, String purpose, long... place) {
    StringBuilder name = new StringBuilder(purpose).append('|').append(seed);
    for (long coordinate : place) {
      name.append('|').append(coordinate);
    }
    String digest = Digest.of(name.toString().getBytes(StandardCharsets.UTF_8)).hex();
    this.state = Long.parseUnsignedLong(digest.substring(0, 16), 16);
  }

  /** 64 random bits. */
  public long nextLong() {
    state += GOLDEN_GAMMA;
    long z = state;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  /** Uniform in 0..1, 1 excluded. */
  public double nextDouble() {
    return (nextLong() >>> 11) * 0x1.0p-53;
  }

  /** Uniform in 0..bound-1, without bias. */
  public int nextInt(int bound) {
    long limit = Long.divideUnsigned(-1L, bound) * bound;
    long bits = nextLong();
    while (Long.compareUnsigned(bits, limit) >= 0) {
      bits = nextLong();
    }
    return (int) Long.remainderUnsigned(bits, bound);
  }

  /** Uniform in {@code from} to {@code to}, as NumPy's {@code random.uniform}. */
  public double nextDouble(double from, double to) {
    return from + (to - from) * nextDouble();
  }

  /** A fair coin. */
  boolean nextBoolean() {
    return nextInt(2) == 1;
  }
}
