package io.cityseg.labels;

import java.util.Arrays;

/** What polygons are drawn on: pixels [height, width], row-major, of whatever depth. */
@FunctionalInterface
interface Canvas {
  /** Gives the pixels {@code from} to before {@code to} a value. */
  void paint(int from, int to, int value);

  /** An 8-bit canvas. */
  static Canvas of(byte[] pixels) {
    return (from, to, value) -> Arrays.fill(pixels, from, to, (byte) value);
  }

  /** A 16-bit canvas. */
  static Canvas of(short[] pixels) {
    return (from, to, value) -> Arrays.fill(pixels, from, to, (short) value);
  }
}
