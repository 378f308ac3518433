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
    switch (filter) {
      case NONE -> System.arraycopy(rows, from, pixels, to, stride);
      case SUB -> addLeft(rows, from, pixels, to, stride, pixelBytes);
      case UP -> {
        if (isFirst) {
          System.arraycopy(rows, from, pixels, to, stride);
        } else {
          addAbove(rows, from, pixels, to, stride);
        }
      }
      case AVERAGE -> {
        System.arraycopy(rows, from, pixels, to, stride);
        if (isFirst) {
          addHalfLeft(pixels, to, stride, pixelBytes);
        } else {
          addAverage(pixels, to, stride, pixelBytes);
        }
      }
      case PAETH -> {
        if (isFirst) {
          addLeft(rows, from, pixels, to, stride, pixelBytes);
        } else {
          System.arraycopy(rows, from, pixels, to, stride);
          addPaeth(pixels, to, stride, pixelBytes);
        }
      }
      default ->
          throw new IllegalArgumentException("Invalid filter: " + filter + " (must be 0..4)");
    }
  }

  private static void addLeft(
      byte[] rows, int from, byte[] pixels, int to, int stride, int pixelBytes) {
    int end = to + stride;
    int i = to;
    // all eight bytes are the pixel before
    long left = 0;
    for (; i + Long.BYTES <= end; i += Long.BYTES) {
      long more = (long) LONG.get(rows, from + i - to);
      if (more != 0) {
        more = pixelBytes == 1 ? sum(more, more << 8) : more;
        more = sum(more, more << 16);
        more = sum(more, more << 32);
        left = sum(left, more);
        LONG.set(pixels, i, left);
        left = pixelBytes == 1 ? (left >>> 56) * EVERY_BYTE : (left >>> 48) * EVERY_SHORT;
      } else {
        LONG.set(pixels, i, left);
      }
    }
    for (; i < end; i++) {
      int before = i - to < pixelBytes ? 0 : pixels[i - pixelBytes];
      pixels[i] = (byte) (rows[from + i - to] + before);
    }
  }

  private static void addAbove(byte[] rows, int from, byte[] pixels, int to, int stride) {
    int end = to + stride;
    int i = to;
    for (; i + Long.BYTES <= end; i += Long.BYTES) {
      long above = (long) LONG.get(pixels, i - stride);
      LONG.set(pixels, i, sum(above, (long) LONG.get(rows, from + i - to)));
    }
    for (; i < end; i++) {
      pixels[i] = (byte) (rows[from + i - to] + pixels[i - stride]);
    }
  }

  /** Eight sums of bytes, each on its own: no carry leaves the lower seven bits. */
  private static long sum(long a, long b) {
    return ((a & LOW_BITS) + (b & LOW_BITS)) ^ ((a ^ b) & ~LOW_BITS);
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
        if (left == corner) {
          i = copyAbove(pixels, i, end, stride);
          continue;
        }
        if ((long) LONG.get(pixels, i - stride) == corner) {
          LONG.set(pixels, i, left);
          i += Long.BYTES;
          continue;
        }
      }
      i = addPaeth(pixels, i, i + Long.BYTES, stride, pixelBytes);
    }
    addPaeth(pixels, i, end, stride, pixelBytes);
  }

  /** Up to the first eight bytes with a difference. */
  private static int copyAbove(byte[] pixels, int from, int end, int stride) {
    int i = from;
    for (; i + Long.BYTES <= end && (long) LONG.get(pixels, i) == 0; i += Long.BYTES) {
      LONG.set(pixels, i, (long) LONG.get(pixels, i - stride));
    }
    return i;
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
