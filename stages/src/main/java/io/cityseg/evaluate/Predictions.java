package io.cityseg.evaluate;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;

/** From logits to classes. */
public final class Predictions {
  private Predictions() {}

  /**
   * The class of every pixel, [N, H, W] in row-major order: the one with the largest logit, and the
   * first of them where several are equal.
   *
   * @param logits [N, C, H, W], C at most 256
   */
  public static byte[] of(NDArray logits) {
    try (NDArray classes = logits.argMax(1);
        NDArray narrow = classes.toType(DataType.UINT8, false)) {
      return narrow.toByteArray();
    }
  }
}
