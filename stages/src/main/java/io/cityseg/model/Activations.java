package io.cityseg.model;

import ai.djl.ndarray.NDArray;

/** The functions between a mobile network's layers. */
enum Activations {
  /** Negative values become 0. */
  RELU,

  /** x * relu6(x + 3) / 6 (Howard et al. 2019, "Searching for MobileNetV3"). */
  HARDSWISH,

  /** relu6(x + 3) / 6: between 0 and 1. */
  HARDSIGMOID;

  private static final float SHIFT = 3;
  private static final float RANGE = 6;

  /** Of the same shape; the argument stays open. */
  NDArray apply(NDArray x) {
    return switch (this) {
      case RELU -> Operators.relu(x);
      case HARDSWISH -> hardswish(x);
      case HARDSIGMOID -> hardsigmoid(x);
    };
  }

  private static NDArray hardsigmoid(NDArray x) {
    NDArray y = Pass.consume(x.add(SHIFT), Operators::relu);
    // not clip(0, RANGE), which leaves its two bounds open in the engine
    y = Pass.consume(y, positive -> positive.minimum(RANGE));
    return Pass.consume(y, clipped -> clipped.div(RANGE));
  }

  private static NDArray hardswish(NDArray x) {
    return Pass.consume(hardsigmoid(x), x::mul);
  }
}
