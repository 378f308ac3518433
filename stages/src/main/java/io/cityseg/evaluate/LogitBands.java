package io.cityseg.evaluate;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.cityseg.image.PixelSize;

/**
 * Logits at another size, a band of rows at a time, so that an image's logits are never in memory
 * at full resolution (168 MB at 2048x1024).
 *
 * <p>The values are those of torch's {@code F.interpolate(mode="bilinear", align_corners=False)},
 * larger or smaller, to a few units in the last place. The engine's own function would smooth where
 * it makes smaller; a product with a matrix of two weights a row does not.
 */
final class LogitBands implements AutoCloseable {
  /** Small enough to take little memory, large enough for the engine to be busy. */
  private static final int ROWS = 64;

  private final NDManager manager;
  private final NDArray logits;
  private final PixelSize size;
  private final NDArray columns;

  /**
   * Bands of logits.
   *
   * @param logits [C, h, w], float32; stays open
   * @param size of the whole
   */
  LogitBands(NDArray logits, PixelSize size) {
    this.manager = logits.getManager().newSubManager();
    this.logits = logits;
    this.size = size;
    int width = (int) logits.getShape().get(2);
    float[] weights = transposed(weights(width, size.width(), 0, size.width()), width);
    this.columns = manager.create(weights, new Shape(width, size.width()));
  }

  /** How many bands there are. */
  int count() {
    return (size.height() + ROWS - 1) / ROWS;
  }

  /** The first row of a band. */
  int firstRow(int band) {
    return band * ROWS;
  }

  /** A band, [C, rows, width]; the caller closes it. */
  NDArray band(int band) {
    int from = firstRow(band);
    int to = Math.min(from + ROWS, size.height());
    int height = (int) logits.getShape().get(1);
    try (NDArray rows =
            manager.create(weights(height, size.height(), from, to), new Shape(to - from, height));
        NDArray tall = rows.matMul(logits)) {
      return tall.matMul(columns);
    }
  }

  /**
   * The weights of torch's {@code compute_source_index_and_lambda} (ATen UpSample.h, {@code
   * align_corners=False}, no scale factor given), in single precision as there: [to - from, input],
   * a row for every place of the output.
   */
  static float[] weights(int input, int output, int from, int to) {
    float[] weights = new float[(to - from) * input];
    float scale = (float) input / output;
    for (int i = from; i < to; i++) {
      float source = input == output ? i : Math.max(scale * (i + 0.5f) - 0.5f, 0f);
      int first = Math.min((int) source, input - 1);
      int second = Math.min(first + 1, input - 1);
      float share = Math.min(Math.max(source - first, 0f), 1f);
      weights[(i - from) * input + first] += 1f - share;
      weights[(i - from) * input + second] += share;
    }
    return weights;
  }

  private static float[] transposed(float[] matrix, int columns) {
    int rows = matrix.length / columns;
    float[] transposed = new float[matrix.length];
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        transposed[column * rows + row] = matrix[row * columns + column];
      }
    }
    return transposed;
  }

  /** Frees what the bands were made with. */
  @Override
  public void close() {
    manager.close();
  }
}
