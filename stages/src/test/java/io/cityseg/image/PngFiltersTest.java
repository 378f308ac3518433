package io.cityseg.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class PngFiltersTest {
  /** What the specification says, byte by byte, is what is undone eight bytes at a time. */
  @Test
  void undo_whenRowsAreFiltered_givesThePixels() {
    Random random = new Random(5);
    for (int n = 0; n < 3000; n++) {
      int pixelBytes = 1 + n % 2;
      int stride = pixelBytes * (1 + random.nextInt(60));
      int height = 1 + random.nextInt(5);
      byte[] pixels = labels(random, height, stride, pixelBytes);
      byte[] undone = new byte[pixels.length];
      for (int y = 0; y < height; y++) {
        int filter = random.nextInt(5);
        byte[] row = new byte[stride + 1];
        for (int i = 0; i < stride; i++) {
          int left = i < pixelBytes ? 0 : pixels[y * stride + i - pixelBytes] & 0xff;
          int above = y == 0 ? 0 : pixels[(y - 1) * stride + i] & 0xff;
          int corner =
              y == 0 || i < pixelBytes ? 0 : pixels[(y - 1) * stride + i - pixelBytes] & 0xff;
          row[1 + i] = (byte) (pixels[y * stride + i] - predicted(filter, left, above, corner));
        }
        PngFilters.undo(filter, row, 1, undone, y * stride, stride, y == 0, pixelBytes);
      }
      assertThat(undone).as("picture %d", n).isEqualTo(pixels);
    }
  }

  private static int predicted(int filter, int left, int above, int corner) {
    int estimate = left + above - corner;
    return switch (filter) {
      case 1 -> left;
      case 2 -> above;
      case 3 -> (left + above) / 2;
      case 4 ->
          Math.abs(estimate - left) <= Math.abs(estimate - above)
                  && Math.abs(estimate - left) <= Math.abs(estimate - corner)
              ? left
              : Math.abs(estimate - above) <= Math.abs(estimate - corner) ? above : corner;
      default -> 0;
    };
  }

  /** Flat areas, some of which go on from row to row, and noise. */
  private static byte[] labels(Random random, int height, int stride, int pixelBytes) {
    byte[] pixels = new byte[height * stride];
    int flat = 1 + random.nextInt(30);
    for (int i = 0; i < pixels.length; i++) {
      boolean begins = random.nextInt(flat) == 0;
      pixels[i] =
          begins || i < stride
              ? (byte) random.nextInt(begins ? 256 : 2)
              : pixels[random.nextInt(3) == 0 ? i - pixelBytes : i - stride];
    }
    return pixels;
  }
}
