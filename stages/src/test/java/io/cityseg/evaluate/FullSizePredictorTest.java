package io.cityseg.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.cityseg.image.GreyImage;
import io.cityseg.image.PixelSize;
import io.cityseg.image.Resize;
import io.cityseg.image.RgbImage;
import io.cityseg.model.ImageNet;
import io.cityseg.model.SegmentationNetwork;
import io.cityseg.stage.StageException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The predictor against the same thing written down plainly, in double precision: every window's
 * logits enlarged and averaged, every prediction's softmax averaged. Pixels whose two best classes
 * are closer than single precision can tell apart are left out.
 */
class FullSizePredictorTest {
  private static final int CLASSES = 19;
  private static final double TOO_CLOSE = 1e-4;
  private static final PixelSize IMAGE = new PixelSize(70, 90);

  @TempDir static Path folder;
  private static SegmentationNetwork network;

  @BeforeAll
  static void load() throws Exception {
    network =
        SegmentationNetwork.load(
            VariedWeights.write(folder), "deeplabv3_resnet50", 20, Device.cpu());
  }

  @AfterAll
  static void close() {
    network.close();
  }

  static Stream<FullSizeOptions> options() {
    Optional<PixelSize> training = Optional.of(new PixelSize(40, 56));
    Optional<SlidingWindows> windows =
        Optional.of(new SlidingWindows(new PixelSize(33, 48), new PixelSize(20, 30)));
    return Stream.of(
        new FullSizeOptions(training, List.of(1.0), false, Optional.empty()),
        new FullSizeOptions(Optional.empty(), List.of(1.0), false, Optional.empty()),
        new FullSizeOptions(Optional.empty(), List.of(1.0), false, windows),
        new FullSizeOptions(Optional.empty(), List.of(1.0), true, windows),
        new FullSizeOptions(training, List.of(0.75, 1.25), true, windows),
        new FullSizeOptions(training, List.of(0.5, 1.0, 1.5), false, Optional.empty()));
  }

  @ParameterizedTest
  @MethodSource("options")
  void predict_withAnyOptions_choosesTheLargestOfTheAverages(FullSizeOptions options)
      throws Exception {
    GreyImage predicted = new FullSizePredictor(network, options).predict(image(), "a drawing");

    double[][] expected = averages(options);
    int compared = 0;
    boolean[] seen = new boolean[CLASSES];
    for (int pixel = 0; pixel < expected.length; pixel++) {
      double[] sorted = expected[pixel].clone();
      Arrays.sort(sorted);
      seen[predicted.pixels()[pixel]] = true;
      if (sorted[CLASSES - 1] - sorted[CLASSES - 2] > TOO_CLOSE * sorted[CLASSES - 1]) {
        compared++;
        assertThat(expected[pixel][predicted.pixels()[pixel]])
            .as("pixel %d", pixel)
            .isEqualTo(sorted[CLASSES - 1]);
      }
    }
    assertThat(compared).isGreaterThan(expected.length * 9 / 10);
    int classes = 0;
    for (boolean one : seen) {
      classes += one ? 1 : 0;
    }
    assertThat(classes).as("classes predicted").isGreaterThan(3);
  }

  @Test
  void predict_whenAScaleMakesTheImageTooLarge_saysSo() {
    FullSizeOptions options =
        new FullSizeOptions(
            Optional.of(new PixelSize(16, 16_000)), List.of(2.0), false, Optional.empty());
    assertThatThrownBy(() -> new FullSizePredictor(network, options).predict(image(), "x_1.png"))
        .isInstanceOf(StageException.class)
        .hasMessageContaining("Cannot predict x_1.png")
        .hasMessageContaining("evaluate.scales")
        .hasMessageContaining("32000 x 32");
  }

  private static RgbImage image() {
    byte[] pixels = new byte[IMAGE.height() * IMAGE.width() * 3];
    for (int i = 0; i < pixels.length; i++) {
      int x = i / 3 % IMAGE.width();
      int y = i / 3 / IMAGE.width();
      pixels[i] = (byte) (x / 15 * 60 + y / 20 * 90 + i % 3 * 40 + (i * 7919) % 37);
    }
    return new RgbImage(IMAGE.height(), IMAGE.width(), pixels);
  }

  /** For every pixel the averaged logits of one prediction, or probabilities of several. */
  private static double[][] averages(FullSizeOptions options) throws Exception {
    double[][] sums = new double[IMAGE.height() * IMAGE.width()][CLASSES];
    boolean several = options.scales().size() > 1 || options.flip();
    for (double scale : options.scales()) {
      PixelSize size = options.inputSize(image(), scale);
      RgbImage input = Resize.bilinear(image(), size.height(), size.width());
      for (boolean mirrored : options.flip() ? List.of(false, true) : List.of(false)) {
        double[][][] logits =
            options.windows().isPresent()
                ? slide(input, mirrored, options.windows().get().over(size))
                : coarse(input, mirrored, 0, size.height(), 0, size.width());
        double[][][] large = enlarged(logits, IMAGE.height(), IMAGE.width());
        for (int y = 0; y < IMAGE.height(); y++) {
          for (int x = 0; x < IMAGE.width(); x++) {
            int from = mirrored ? IMAGE.width() - 1 - x : x;
            double total = 0;
            for (int c = 0; c < CLASSES; c++) {
              total += Math.exp(large[c][y][from]);
            }
            for (int c = 0; c < CLASSES; c++) {
              sums[y * IMAGE.width() + x][c] +=
                  several ? Math.exp(large[c][y][from]) / total : large[c][y][from];
            }
          }
        }
      }
    }
    return sums;
  }

  private static double[][][] slide(
      RgbImage input, boolean mirrored, List<SlidingWindows.Window> windows) throws Exception {
    double[][][] sum = new double[CLASSES][input.height()][input.width()];
    int[][] count = new int[input.height()][input.width()];
    for (SlidingWindows.Window window : windows) {
      int height = window.bottom() - window.top();
      int width = window.right() - window.left();
      double[][][] part =
          enlarged(
              coarse(input, mirrored, window.top(), window.bottom(), window.left(), window.right()),
              height,
              width);
      for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
          count[window.top() + y][window.left() + x]++;
          for (int c = 0; c < CLASSES; c++) {
            sum[c][window.top() + y][window.left() + x] += part[c][y][x];
          }
        }
      }
    }
    for (int c = 0; c < CLASSES; c++) {
      for (int y = 0; y < input.height(); y++) {
        for (int x = 0; x < input.width(); x++) {
          sum[c][y][x] /= count[y][x];
        }
      }
    }
    return sum;
  }

  private static double[][][] coarse(
      RgbImage image, boolean mirrored, int top, int bottom, int left, int right) {
    FloatBuffer values = FloatBuffer.allocate(image.pixels().length);
    ImageNet.normalize(image.pixels(), image.height(), image.width(), mirrored, values);
    int height = bottom - top;
    int width = right - left;
    float[] part = new float[3 * height * width];
    for (int i = 0; i < part.length; i++) {
      int channel = i / (height * width);
      int y = top + i / width % height;
      int x = left + i % width;
      part[i] = values.get((channel * image.height() + y) * image.width() + x);
    }
    try (NDManager scope = network.manager().newSubManager();
        NDArray input = scope.create(part, new Shape(1, 3, height, width));
        NDArray logits = network.coarseLogits(input)) {
      int rows = (int) logits.getShape().get(2);
      int columns = (int) logits.getShape().get(3);
      float[] flat = logits.toFloatArray();
      double[][][] all = new double[CLASSES][rows][columns];
      for (int c = 0; c < CLASSES; c++) {
        for (int i = 0; i < rows * columns; i++) {
          all[c][i / columns][i % columns] = flat[c * rows * columns + i];
        }
      }
      return all;
    }
  }

  private static double[][][] enlarged(double[][][] from, int height, int width) {
    double[][][] to = new double[from.length][height][width];
    int rows = from[0].length;
    int columns = from[0][0].length;
    for (int y = 0; y < height; y++) {
      double v = Math.max((y + 0.5) * rows / height - 0.5, 0);
      int above = (int) v;
      int below = Math.min(above + 1, rows - 1);
      for (int x = 0; x < width; x++) {
        double u = Math.max((x + 0.5) * columns / width - 0.5, 0);
        int left = (int) u;
        int right = Math.min(left + 1, columns - 1);
        for (int c = 0; c < from.length; c++) {
          double[][] f = from[c];
          double upper = f[above][left] * (1 - u + left) + f[above][right] * (u - left);
          double lower = f[below][left] * (1 - u + left) + f[below][right] * (u - left);
          to[c][y][x] = upper * (1 - v + above) + lower * (v - above);
        }
      }
    }
    return to;
  }
}
