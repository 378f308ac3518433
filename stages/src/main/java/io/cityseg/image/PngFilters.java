package io.cityseg.image;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The five filters of PNG rows (PNG specification, third edition, 9). Label images differ from
 * their filters' predictions nearly nowhere, so eight bytes without a difference are done at once
 * where what they repeat is plain. Pixels have one or two bytes. Thread-safe.
 */
final class PngFilters {
  static final int NONE = 0;
  static final int SUB = 1;
  static final int UP = 2;
  static final int AVERAGE = 3;
  static final int PAETH = 4;

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long EVERY_BYTE = 0x0101010101010101L;
  private static final long EVERY_SHORT = 0x0001000100010001L;
  private static final long LOW_BITS = 0x7f7f7f7f7f7f7f7fL;

  private PngFilters() {}

  /**
   * Undoes a row's filter.
   *
   * @param filter 0 to 4
   * @param rows holds the filtered bytes from {@code from} on
   * @param pixels gets the pixels' bytes from {@code to} on; the row above ends there
   * @param stride bytes of a row
   * @param isFirst whether there is no row above
   * @param pixelBytes 1 or 2
   */
  static void undo(
      int filter,
      byte[] rows,
      int from,
      byte[] pixels,
      int to,
      int stride,
      boolean isFirst,
      int pixelBytes) {
    System.arraycopy(rows, from, pixels, to, stride);
    switch (filter) {
      case NONE -> {}
      case SUB -> addLeft(pixels, to, stride, pixelBytes);
      case UP -> {
        if (!isFirst) {
          addAbove(pixels, to, stride);
        }
      }
      case AVERAGE -> {
        if (isFirst) {
          addHalfLeft(pixels, to, stride, pixelBytes);
        } else {
          addAverage(pixels, to, stride, pixelBytes);
        }
      }
      case PAETH -> {
        if (isFirst) {
          addLeft(pixels, to, stride, pixelBytes);
        } else {
          addPaeth(pixels, to, stride, pixelBytes);
        }
      }
      default ->
          throw new IllegalArgumentException("Invalid filter: " + filter + " (must be 0..4)");
    }
  }

  private static void addLeft(byte[] pixels, int at, int stride, int pixelBytes) {
    int end = at + stride;
    int i = at + pixelBytes;
    while (i + Long.BYTES <= end) {
      if ((long) LONG.get(pixels, i) == 0) {
        LONG.set(pixels, i, repeated(pixels, i - pixelBytes, pixelBytes));
        i += Long.BYTES;
      } else {
        for (int stop = i + Long.BYTES; i < stop; i++) {
          pixels[i] += pixels[i - pixelBytes];
        }
      }
    }
    for (; i < end; i++) {
      pixels[i] += pixels[i - pixelBytes];
    }
  }

  private static void addAbove(byte[] pixels, int at, int stride) {
    int end = at + stride;
    int i = at;
    for (; i + Long.BYTES <= end; i += Long.BYTES) {
      long above = (long) LONG.get(pixels, i - stride);
      long more = (long) LONG.get(pixels, i);
      // bytes are added each on its own: no carry leaves the lower seven bits
      LONG.set(pixels, i, ((above & LOW_BITS) + (more & LOW_BITS)) ^ ((above ^ more) & ~LOW_BITS));
    }
    for (; i < end; i++) {
      pixels[i] += pixels[i - stride];
    }
  }

  private static void addHalfLeft(byte[] pixels, int at, int stride, int pixelBytes) {
    for (int i = at + pixelBytes; i < at + stride; i++) {
      pixels[i] += (byte) ((pixels[i - pixelBytes] & 0xff) / 2);
    }
  }

  private static void addAverage(byte[] pixels, int at, int stride, int pixelBytes) {
    int end = at + stride;
    int i = at;
    for (; i < at + pixelBytes; i++) {
      pixels[i] += (byte) ((pixels[i - stride] & 0xff) / 2);
    }
    while (i + Long.BYTES <= end) {
      long left = repeated(pixels, i - pixelBytes, pixelBytes);
      if ((long) LONG.get(pixels, i) == 0 && (long) LONG.get(pixels, i - stride) == left) {
        LONG.set(pixels, i, left);
        i += Long.BYTES;
      } else {
        i = addAverage(pixels, i, i + Long.BYTES, stride, pixelBytes);
      }
    }
    addAverage(pixels, i, end, stride, pixelBytes);
  }

  private static int addAverage(byte[] pixels, int from, int to, int stride, int pixelBytes) {
    for (int i = from; i < to; i++) {
      int left = pixels[i - pixelBytes] & 0xff;
      int above = pixels[i - stride] & 0xff;
      pixels[i] += (byte) ((left + above) / 2);
    }
    return to;
  }

  /**
   * Without differences: where left is the corner, the prediction is above, and stays so; where
   * above is the corner, it is left.
   */
  private static void addPaeth(byte[] pixels, int at, int stride, int pixelBytes) {
    int end = at + stride;
    int i = at;
    for (; i < at + pixelBytes; i++) {
      pixels[i] += pixels[i - stride];
    }
    while (i + Long.BYTES <= end) {
      if ((long) LONG.get(pixels, i) == 0) {
        long left = repeated(pixels, i - pixelBytes, pixelBytes);
        long corner = repeated(pixels, i - stride - pixelBytes, pixelBytes);
        long above = (long) LONG.get(pixels, i - stride);
        if (left == corner || above == corner) {
          LONG.set(pixels, i, left == corner ? above : left);
          i += Long.BYTES;
          continue;
        }
      }
      i = addPaeth(pixels, i, i + Long.BYTES, stride, pixelBytes);
    }
    addPaeth(pixels, i, end, stride, pixelBytes);
  }

  private static int addPaeth(byte[] pixels, int from, int to, int stride, int pixelBytes) {
    for (int i = from; i < to; i++) {
      int left = pixels[i - pixelBytes] & 0xff;
      int above = pixels[i - stride] & 0xff;
      int corner = pixels[i - stride - pixelBytes] & 0xff;
      int toLeft = Math.abs(above - corner);
      int toAbove = Math.abs(left - corner);
      int toCorner = Math.abs(left + above - 2 * corner);
      int nearest =
          toLeft <= toAbove && toLeft <= toCorner ? left : toAbove <= toCorner ? above : corner;
      pixels[i] += (byte) nearest;
    }
    return to;
  }

  /** Eight bytes of the same pixel. */
  private static long repeated(byte[] pixels, int at, int pixelBytes) {
    return pixelBytes == 1
        ? (pixels[at] & 0xff) * EVERY_BYTE
        : ((pixels[at] & 0xff) | ((pixels[at + 1] & 0xff) << 8)) * EVERY_SHORT;
  }
}
