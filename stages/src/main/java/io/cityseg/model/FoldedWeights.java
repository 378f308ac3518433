package io.cityseg.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.HashMap;
import java.util.Map;

/**
 * Weights for evaluation: every batch normalisation that follows a convolution is folded into the
 * convolution's weight and bias, so that a layer reads and writes its activations once. A layer is
 * folded when it is first asked for. It takes the memory of the convolutions' weights again.
 */
final class FoldedWeights implements AutoCloseable {
  private final Map<String, NDArray> state;
  private final NDManager manager;
  private final Map<String, Operators.Folded> folded = new HashMap<>();

  /**
   * @param state the network's tensors by name, which must not change meanwhile
   * @param parent the manager whose device they are kept on
   */
  FoldedWeights(Map<String, NDArray> state, NDManager parent) {
    this.state = state;
    this.manager = parent.newSubManager();
  }

  /** The weight and the bias of a convolution and its normalisation. */
  Operators.Folded of(NormalizedConvolution layer) {
    return folded.computeIfAbsent(layer.convolution().name(), name -> fold(layer));
  }

  /** y = (conv(x) - mean) * gamma / sqrt(variance + epsilon) + beta, as another convolution. */
  private Operators.Folded fold(NormalizedConvolution layer) {
    String norm = layer.norm().name();
    try (NDArray variance = state.get(norm + ".running_var").add(layer.norm().epsilon());
        NDArray deviation = variance.sqrt();
        NDArray scale = state.get(norm + ".weight").div(deviation);
        NDArray perOutput = scale.reshape(scale.size(), 1, 1, 1);
        NDArray moved = state.get(norm + ".running_mean").mul(scale)) {
      // In the activations' order, which the engine would otherwise bring it into at every use.
      NDArray weight =
          Pass.consume(
              state.get(layer.convolution().name() + ".weight").mul(perOutput),
              Operators::channelsLast);
      NDArray bias = state.get(norm + ".bias").sub(moved);
      weight.attach(manager);
      bias.attach(manager);
      return new Operators.Folded(weight, bias);
    }
  }

  @Override
  public void close() {
    manager.close();
  }
}
