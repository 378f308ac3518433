package io.cityseg.score;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class PixelCounterTest {
  /** Runs of any length, which begin and end anywhere, against pixel by pixel. */
  @Test
  void count_whenRunsOfAnyLength_countsEveryPixel() {
    Random random = new Random(6);
    PixelCounter counter = new PixelCounter();
    for (int n = 0; n < 500; n++) {
      int size = 1 + random.nextInt(400);
      byte[] truth = runs(random, size, new int[] {7, 26, 255});
      byte[] predicted = runs(random, size, new int[] {7, 26, 27, 128});
      byte[] numbers = new byte[2 * size];
      int[] number = new int[size];
      for (int i = 0; i < size; i++) {
        number[i] =
            i > 0 && random.nextInt(6) > 0
                ? number[i - 1]
                : new int[] {7, 1000, 1001, 26_000, 26_256, 65_535}[random.nextInt(6)];
        numbers[2 * i] = (byte) (number[i] >> 8);
        numbers[2 * i + 1] = (byte) number[i];
      }
      counter.clear();
      counter.count(truth, predicted, numbers);
      assertJoint(counter, truth, predicted);
      Map<Integer, PixelCounter.Instance> expected = new TreeMap<>();
      for (int i = 0; i < size; i++) {
        if (number[i] > 1000) {
          int column = predicted[i] & 0xff;
          boolean isCar = number[i] / 1000 == 26;
          expected.merge(
              number[i],
              new PixelCounter.Instance(
                  number[i],
                  1,
                  isCar && column == 26 ? 1 : 0,
                  isCar && (column == 26 || column == 27) ? 1 : 0),
              (a, b) ->
                  new PixelCounter.Instance(
                      a.number(),
                      a.pixels() + b.pixels(),
                      a.hits() + b.hits(),
                      a.categoryHits() + b.categoryHits()));
        }
      }
      assertThat(counter.instances())
          .as("picture %d", n)
          .containsExactlyElementsOf(expected.values());
      counter.clear();
      counter.count(truth, predicted);
      assertJoint(counter, truth, predicted);
      assertThat(counter.instances()).isEmpty();
    }
  }

  private static void assertJoint(PixelCounter counter, byte[] truth, byte[] predicted) {
    int[][] expected = new int[256][256];
    for (int i = 0; i < truth.length; i++) {
      expected[truth[i] & 0xff][predicted[i] & 0xff]++;
    }
    int[][] counted = new int[256][256];
    for (int row = 0; row < 256; row++) {
      for (int column = 0; column < 256; column++) {
        counted[row][column] = counter.of(row, column);
      }
    }
    assertThat(counted).isDeepEqualTo(expected);
    assertThat(counter.ofTruth(255) + counter.ofTruth(7) + counter.ofTruth(26))
        .isEqualTo(truth.length);
  }

  private static byte[] runs(Random random, int size, int[] values) {
    byte[] pixels = new byte[size];
    int mean = 1 + random.nextInt(30);
    for (int i = 0; i < size; i++) {
      pixels[i] =
          i > 0 && random.nextInt(mean) > 0
              ? pixels[i - 1]
              : (byte) values[random.nextInt(values.length)];
    }
    return pixels;
  }
}
