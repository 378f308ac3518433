package io.cityseg.score;

import io.cityseg.labels.CityscapesLabels;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Counts the pixels of every ground truth, prediction and instance of one image: whole runs of
 * equal pixels at once, found eight pixels at a time. Begin with {@link #clear}. For one thread.
 */
final class PixelCounter {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long EVERY_BYTE = 0x0101010101010101L;
  private static final long EVERY_SHORT = 0x0001000100010001L;
  private static final int NUMBERS = 1 << 16;

  /** Values of an 8-bit pixel. */
  static final int BYTES = 256;

  /** Numbers above this are instances: id * 1000 + k. */
  static final int INSTANCES = 1000;

  /** [256, 256] row-major: pixels of every ground truth and prediction. */
  private final int[] joint = new int[BYTES * BYTES];

  /** For every instance number: its pixels, and those that are predicted as its id or category. */
  private final int[] pixels = new int[NUMBERS];

  private final int[] hits = new int[NUMBERS];
  private final int[] categoryHits = new int[NUMBERS];

  /** [256, 256] row-major: whether two ids are of one category. */
  private final boolean[] sameCategory = new boolean[BYTES * BYTES];

  /** Begins at zero. */
  PixelCounter() {
    for (int a = 0; a < ImageCounts.IDS; a++) {
      for (int b = 0; b < ImageCounts.IDS; b++) {
        String category = CityscapesLabels.ofId(a).orElseThrow().category();
        sameCategory[a * BYTES + b] =
            category.equals(CityscapesLabels.ofId(b).orElseThrow().category());
      }
    }
  }

  /**
   * An instance that was counted.
   *
   * @param number id * 1000 + k
   * @param pixels its size
   * @param hits pixels of it that are predicted as its id
   * @param categoryHits pixels of it that are predicted as an id of its category
   */
  record Instance(int number, int pixels, int hits, int categoryHits) {}

  /** Forgets all pixels. */
  void clear() {
    Arrays.fill(joint, 0);
    Arrays.fill(pixels, 0);
    Arrays.fill(hits, 0);
    Arrays.fill(categoryHits, 0);
  }

  /**
   * Counts pixels without instances.
   *
   * @param truth a byte a pixel
   * @param predicted a byte for each of the same pixels
   */
  void count(byte[] truth, byte[] predicted) {
    int size = truth.length;
    for (int i = 0; i < size; ) {
      int start = i++;
      byte row = truth[start];
      byte column = predicted[start];
      long rows = (row & 0xff) * EVERY_BYTE;
      long columns = (column & 0xff) * EVERY_BYTE;
      boolean same = true;
      while (same && i + Long.BYTES <= size) {
        long other = ((long) LONG.get(truth, i) ^ rows) | ((long) LONG.get(predicted, i) ^ columns);
        same = other == 0;
        i += Long.numberOfTrailingZeros(other) / Byte.SIZE;
      }
      while (same && i < size && truth[i] == row && predicted[i] == column) {
        i++;
      }
      joint[(row & 0xff) * BYTES + (column & 0xff)] += i - start;
    }
  }

  /**
   * Counts pixels with their instances.
   *
   * @param truth a byte a pixel
   * @param predicted a byte for each of the same pixels
   * @param numbers two bytes for each of them, the higher one first
   */
  void count(byte[] truth, byte[] predicted, byte[] numbers) {
    int size = truth.length;
    for (int i = 0; i < size; ) {
      int start = i++;
      byte row = truth[start];
      byte column = predicted[start];
      int pair = (numbers[2 * start] & 0xff) | ((numbers[2 * start + 1] & 0xff) << 8);
      long rows = (row & 0xff) * EVERY_BYTE;
      long columns = (column & 0xff) * EVERY_BYTE;
      long pairs = pair * EVERY_SHORT;
      boolean same = true;
      while (same && i + Long.BYTES <= size) {
        long other = ((long) LONG.get(truth, i) ^ rows) | ((long) LONG.get(predicted, i) ^ columns);
        long first = (long) LONG.get(numbers, 2 * i) ^ pairs;
        long second = (long) LONG.get(numbers, 2 * i + Long.BYTES) ^ pairs;
        if ((other | first | second) == 0) {
          i += Long.BYTES;
        } else {
          same = false;
          int equal = Long.numberOfTrailingZeros(other) / Byte.SIZE;
          int equalPairs =
              first != 0
                  ? Long.numberOfTrailingZeros(first) / Short.SIZE
                  : 4 + Long.numberOfTrailingZeros(second) / Short.SIZE;
          i += Math.min(equal, equalPairs);
        }
      }
      while (same
          && i < size
          && truth[i] == row
          && predicted[i] == column
          && numbers[2 * i] == (byte) pair
          && numbers[2 * i + 1] == (byte) (pair >> 8)) {
        i++;
      }
      joint[(row & 0xff) * BYTES + (column & 0xff)] += i - start;
      int number = ((pair & 0xff) << 8) | (pair >> 8);
      if (number > INSTANCES) {
        add(number, column & 0xff, i - start);
      }
    }
  }

  private void add(int number, int predicted, int count) {
    int id = number / INSTANCES;
    pixels[number] += count;
    hits[number] += predicted == id ? count : 0;
    categoryHits[number] += sameCategory[id * BYTES + predicted] ? count : 0;
  }

  /** Pixels of one ground truth and one prediction. */
  int of(int truth, int predicted) {
    return joint[truth * BYTES + predicted];
  }

  /** Pixels of one ground truth. */
  int ofTruth(int truth) {
    return IntStream.range(0, BYTES).map(predicted -> of(truth, predicted)).sum();
  }

  /** Pixels of one prediction. */
  int ofPrediction(int predicted) {
    return IntStream.range(0, BYTES).map(truth -> of(truth, predicted)).sum();
  }

  /** All instances, in ascending order of their numbers. */
  List<Instance> instances() {
    return IntStream.range(INSTANCES + 1, NUMBERS)
        .filter(number -> pixels[number] > 0)
        .mapToObj(
            number -> new Instance(number, pixels[number], hits[number], categoryHits[number]))
        .toList();
  }
}
