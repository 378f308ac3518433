package io.cityseg.train;

import ai.djl.ndarray.NDArray;
import io.cityseg.model.Tensor;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * An update rule and what it remembers from step to step: with its state saved and loaded, training
 * goes on as if it had never stopped. Gradients must not be recorded while it works. For one
 * thread.
 */
interface Optimizer extends AutoCloseable {
  /** Number of updates so far. */
  long step();

  /**
   * Updates every parameter in place.
   *
   * @param gradients of every parameter, by name
   * @param learningRate of a parameter in this step, by its name
   */
  void update(Map<String, NDArray> gradients, ToDoubleFunction<String> learningRate);

  /** The state, with tensors that are read from the engine when they are asked for. */
  Map<String, Tensor> state();

  /** Frees the state; the parameters stay. */
  @Override
  void close();
}
