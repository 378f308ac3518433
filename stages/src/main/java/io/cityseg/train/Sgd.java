package io.cityseg.train;

import static java.util.Objects.requireNonNull;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.cityseg.model.Tensor;
import io.cityseg.model.TorchEngine;
import io.cityseg.stage.StageException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * Stochastic gradient descent with momentum by the formula of PyTorch's {@code torch.optim.SGD}
 * without dampening ({@code torch/optim/sgd.py}, {@code _single_tensor_sgd}): the learning rate is
 * outside of the momentum, {@code v = momentum * v + g; p = p - rate * v}, and in Nesterov's form
 * {@code p = p - rate * (g + momentum * v)}. For one thread.
 *
 * <p>Its state is the number of steps and, with momentum, every parameter's {@code
 * momentum_buffer}.
 */
final class Sgd implements Optimizer {
  private static final String STEP = "step";
  private static final String BUFFER = "momentum_buffer.";

  /**
   * SGD's numbers.
   *
   * @param momentum 0 to below 1
   * @param nesterov Nesterov's form, which needs a momentum
   */
  record Settings(double momentum, boolean nesterov) {
    Settings {
      if (!(momentum >= 0 && momentum < 1) || (nesterov && momentum == 0)) {
        throw new IllegalArgumentException(
            "Invalid SGD: momentum %s (0 to below 1, and above 0 with nesterov, which is %s)"
                .formatted(momentum, nesterov));
      }
    }
  }

  private final Settings settings;
  private final NDManager manager;
  private final Map<String, NDArray> parameters;
  private final Map<String, NDArray> buffers = new LinkedHashMap<>();
  private long step;

  private Sgd(Settings settings, Map<String, NDArray> parameters, NDManager parent) {
    this.settings = requireNonNull(settings, "settings");
    this.parameters = new LinkedHashMap<>(parameters);
    this.manager = parent.newSubManager();
  }

  /**
   * Begins with step 0.
   *
   * @param parameters what is trained, by name; they are changed in place and stay their owner's
   * @param parent the manager whose device the state is kept on
   */
  static Sgd fresh(Settings settings, Map<String, NDArray> parameters, NDManager parent) {
    var sgd = new Sgd(settings, parameters, parent);
    if (settings.momentum() > 0) {
      // PyTorch's first buffer is the first gradient: momentum * 0 + g.
      parameters.forEach(
          (name, parameter) ->
              sgd.buffers.put(
                  name, sgd.manager.zeros(parameter.getShape(), parameter.getDataType())));
    }
    return sgd;
  }

  /**
   * Goes on from a saved state.
   *
   * @param tensors what {@link #state} gave
   * @throws StageException when it is the state of other parameters
   */
  static Sgd resumed(
      Settings settings,
      Map<String, NDArray> parameters,
      NDManager parent,
      Map<String, Tensor> tensors)
      throws StageException {
    var sgd = new Sgd(settings, parameters, parent);
    try {
      var state = new OptimizerState(tensors);
      sgd.step = state.count(STEP);
      if (settings.momentum() > 0) {
        for (Map.Entry<String, NDArray> entry : parameters.entrySet()) {
          String name = entry.getKey();
          sgd.buffers.put(name, state.array(BUFFER + name, entry.getValue(), sgd.manager));
        }
      }
      return sgd;
    } catch (StageException | RuntimeException e) {
      sgd.close();
      throw e;
    }
  }

  @Override
  public long step() {
    return step;
  }

  @Override
  public void update(Map<String, NDArray> gradients, ToDoubleFunction<String> learningRate) {
    step++;
    for (Map.Entry<String, NDArray> entry : parameters.entrySet()) {
      String name = entry.getKey();
      NDArray gradient = requireNonNull(gradients.get(name), name);
      update(entry.getValue(), buffers.get(name), gradient, learningRate.applyAsDouble(name));
    }
  }

  private void update(NDArray parameter, NDArray buffer, NDArray gradient, double rate) {
    if (buffer == null) {
      subtract(parameter, gradient, rate);
      return;
    }
    buffer.muli(settings.momentum()).addi(gradient);
    if (settings.nesterov()) {
      try (NDArray ahead = buffer.mul(settings.momentum())) {
        subtract(parameter, ahead.addi(gradient), rate);
      }
    } else {
      subtract(parameter, buffer, rate);
    }
  }

  private static void subtract(NDArray parameter, NDArray direction, double rate) {
    try (NDArray change = direction.mul(rate)) {
      parameter.subi(change);
    }
  }

  @Override
  public Map<String, Tensor> state() {
    Map<String, Tensor> state = new LinkedHashMap<>();
    state.put(STEP, Tensor.scalar(step));
    buffers.forEach((name, buffer) -> state.put(BUFFER + name, TorchEngine.tensor(buffer)));
    return state;
  }

  @Override
  public void close() {
    manager.close();
  }
}
