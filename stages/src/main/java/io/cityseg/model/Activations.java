package io.cityseg.model;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Activation;
import java.util.function.UnaryOperator;

/** The functions between a mobile network's layers. */
enum Activations {
  /** Negative values become 0. */
  RELU(Activation::relu),

  /** x * relu6(x + 3) / 6 (Howard et al. 2019, "Searching for MobileNetV3"). */
  HARDSWISH(Activations::hardswish),

  /** relu6(x + 3) / 6: between 0 and 1. */
  HARDSIGMOID(Activations::hardsigmoid);

  private static final float SHIFT = 3;
  private static final float RANGE = 6;

  private final UnaryOperator<NDArray> function;

  Activations(UnaryOperator<NDArray> function) {
    this.function = function;
  }

  /** Of the same shape; the argument stays open. */
  NDArray apply(NDArray x) {
    return function.apply(x);
  }

  private static NDArray hardsigmoid(NDArray x) {
    NDArray y = Pass.consume(x.add(SHIFT), Activation::relu);
    // not clip(0, RANGE), which leaves its two bounds open in the engine
    y = Pass.consume(y, positive -> positive.minimum(RANGE));
    return Pass.consume(y, clipped -> clipped.div(RANGE));
  }

  private static NDArray hardswish(NDArray x) {
    return Pass.consume(hardsigmoid(x), x::mul);
  }
}
