package io.cityseg.model;

import ai.djl.ndarray.NDArray;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * One run of the network over one batch.
 *
 * @param state the network's tensors by name
 * @param training whether batch normalisation uses, and remembers, the batch's own statistics and
 *     dropout drops
 * @param observer is shown every layer's output; where weights are folded, a convolution's is
 *     missing, and that of a normalisation with a ReLU after it
 * @param folded weights to evaluate with; never in training
 * @param precision what the layers compute in; an observer can read float32 alone
 */
record Pass(
    Map<String, NDArray> state,
    boolean training,
    Observer observer,
    Optional<FoldedWeights> folded,
    Precision precision) {
  /** A pass that computes every layer as it is described. */
  Pass(Map<String, NDArray> state, boolean training, Observer observer) {
    this(state, training, observer, Optional.empty(), Precision.FP32);
  }

  /** The same pass with layers that compute in another precision. */
  Pass in(Precision another) {
    return new Pass(state, training, observer, folded, another);
  }

  /** Sees the layers' outputs, which are closed soon after. */
  @FunctionalInterface
  interface Observer {
    /** Looks at nothing. */
    Observer NONE = (layer, output) -> {};

    /** Is shown the output of a layer, by torchvision's name. */
    void see(String layer, NDArray output);
  }

  NDArray tensor(String name) {
    return state.get(name);
  }

  /**
   * Applies an operation to a parameter in this pass's precision. Gradients reach the parameter in
   * its own.
   */
  NDArray with(NDArray parameter, UnaryOperator<NDArray> operation) {
    return precision == Precision.FP32
        ? operation.apply(parameter)
        : consume(Operators.toBfloat16(parameter), operation);
  }

  /** Shows an output to the observer, and returns it. */
  NDArray shown(String layer, NDArray output) {
    observer.see(layer, output);
    return output;
  }

  /**
   * Applies an operation and closes the handle of what it was applied to. Autograd keeps what it
   * needs by itself; a handle beside it would keep all the rest (0.8 to 1.7 GB, measured).
   */
  static NDArray consume(NDArray input, UnaryOperator<NDArray> operation) {
    try (input) {
      return operation.apply(input);
    }
  }
}
