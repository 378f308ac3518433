package io.cityseg.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;

/**
 * Bilinear enlarging, {@code align_corners=False}, as two products with matrices of two weights a
 * row: what the engine's own function computes, but for the last bits, with a gradient that is a
 * product, too. The engine's own gradient adds atomically on a GPU, in any order.
 */
final class BilinearProducts {
  private BilinearProducts() {}

  /**
   * Enlarges.
   *
   * @param x [N, C, h, w], float32
   * @return [N, C, height, width], in the manager of x
   */
  static NDArray enlarged(NDArray x, int height, int width) {
    Shape shape = x.getShape();
    NDManager manager = x.getManager();
    try (NDArray rows = weights(manager, (int) shape.get(2), height);
        NDArray columns = weights(manager, (int) shape.get(3), width);
        NDArray across = columns.transpose();
        NDArray tall = rows.matMul(x)) {
      return tall.matMul(across);
    }
  }

  /** The weights of ATen's UpSample.h, in single precision as there: [output, input]. */
  private static NDArray weights(NDManager manager, int input, int output) {
    float[] weights = new float[output * input];
    float scale = (float) input / output;
    for (int i = 0; i < output; i++) {
      float source = input == output ? i : Math.max(scale * (i + 0.5f) - 0.5f, 0f);
      int first = Math.min((int) source, input - 1);
      int second = Math.min(first + 1, input - 1);
      float share = Math.min(Math.max(source - first, 0f), 1f);
      weights[i * input + first] += 1f - share;
      weights[i * input + second] += share;
    }
    return manager.create(weights, new Shape(output, input));
  }
}
