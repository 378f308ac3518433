package io.cityseg.train;

import static java.util.Objects.requireNonNull;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.cityseg.model.Operators;
import io.cityseg.model.Tensor;
import io.cityseg.model.TorchEngine;
import io.cityseg.stage.StageException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/**
 * Adam (Kingma and Ba, 2015) by the formula of PyTorch's {@code torch.optim.Adam}: epsilon is added
 * after the bias correction. DJL's own Adam adds it before, and its moments cannot be saved.
 *
 * <p>Its state is the number of steps and, for every parameter, the running means of the gradient
 * ({@code exp_avg}) and of its square ({@code exp_avg_sq}): with it, training goes on as if it had
 * never stopped. Gradients must not be recorded while it works. For one thread.
 */
final class Adam implements Optimizer {
  private static final String STEP = "step";
  private static final String MEAN = "exp_avg.";
  private static final String MEAN_OF_SQUARES = "exp_avg_sq.";

  /**
   * Adam's numbers.
   *
   * @param learningRate of a step that is given no other, at least 0
   * @param beta1 decay of the mean of gradients, 0 to below 1
   * @param beta2 decay of the mean of squared gradients, 0 to below 1
   * @param epsilon above 0
   */
  record Settings(double learningRate, double beta1, double beta2, double epsilon) {
    Settings {
      if (!(learningRate >= 0)
          || !(beta1 >= 0 && beta1 < 1)
          || !(beta2 >= 0 && beta2 < 1)
          || !(epsilon > 0)) {
        throw new IllegalArgumentException(
            "Invalid Adam: learning rate %s (0 or more), betas %s and %s (0 to below 1), epsilon %s (above 0)"
                .formatted(learningRate, beta1, beta2, epsilon));
      }
    }
  }

  private record Slot(NDArray parameter, NDArray mean, NDArray meanOfSquares) {}

  private final Settings settings;
  private final NDManager manager;
  private final Map<String, Slot> slots = new LinkedHashMap<>();
  private long step;

  private Adam(Settings settings, NDManager parent) {
    this.settings = requireNonNull(settings, "settings");
    this.manager = parent.newSubManager();
  }

  /**
   * Begins with step 0.
   *
   * @param parameters what is trained, by name; they are changed in place and stay their owner's
   * @param parent the manager whose device the state is kept on
   */
  static Adam fresh(Settings settings, Map<String, NDArray> parameters, NDManager parent) {
    var adam = new Adam(settings, parent);
    parameters.forEach(
        (name, parameter) ->
            adam.slots.put(
                name, new Slot(parameter, adam.zeros(parameter), adam.zeros(parameter))));
    return adam;
  }

  /**
   * Goes on from a saved state.
   *
   * @param state what {@link #state} gave
   * @throws StageException when it is the state of other parameters
   */
  static Adam resumed(
      Settings settings,
      Map<String, NDArray> parameters,
      NDManager parent,
      Map<String, Tensor> state)
      throws StageException {
    var adam = new Adam(settings, parent);
    try {
      adam.step = found(state, STEP).bytes().getLong();
      for (Map.Entry<String, NDArray> entry : parameters.entrySet()) {
        String name = entry.getKey();
        NDArray mean = adam.restored(state, MEAN + name, entry.getValue());
        NDArray squares = adam.restored(state, MEAN_OF_SQUARES + name, entry.getValue());
        adam.slots.put(name, new Slot(entry.getValue(), mean, squares));
      }
      return adam;
    } catch (StageException | RuntimeException e) {
      adam.close();
      throw e;
    }
  }

  @Override
  public long step() {
    return step;
  }

  /**
   * Updates every parameter, with the settings' learning rate.
   *
   * @param gradients of every parameter, by name
   */
  void update(Map<String, NDArray> gradients) {
    update(gradients, name -> settings.learningRate());
  }

  @Override
  public void update(Map<String, NDArray> gradients, ToDoubleFunction<String> learningRate) {
    step++;
    // The fused step takes one rate; parameters of another one are a call of their own.
    Map<Double, List<String>> byRate =
        slots.keySet().stream()
            .collect(
                Collectors.groupingBy(
                    learningRate::applyAsDouble, LinkedHashMap::new, Collectors.toList()));
    try (NDArray count = manager.create((float) step)) {
      byRate.forEach(
          (rate, names) ->
              Operators.adam(
                  tensors(names, gradients),
                  count,
                  rate,
                  settings.beta1(),
                  settings.beta2(),
                  settings.epsilon()));
    }
  }

  private Operators.AdamTensors tensors(List<String> names, Map<String, NDArray> gradients) {
    List<Slot> chosen = names.stream().map(slots::get).toList();
    return new Operators.AdamTensors(
        chosen.stream().map(Slot::parameter).toList(),
        names.stream().map(name -> requireNonNull(gradients.get(name), name)).toList(),
        chosen.stream().map(Slot::mean).toList(),
        chosen.stream().map(Slot::meanOfSquares).toList());
  }

  @Override
  public Map<String, Tensor> state() {
    Map<String, Tensor> state = new LinkedHashMap<>();
    state.put(STEP, Tensor.scalar(step));
    slots.forEach((name, slot) -> state.put(MEAN + name, TorchEngine.tensor(slot.mean())));
    slots.forEach(
        (name, slot) ->
            state.put(MEAN_OF_SQUARES + name, TorchEngine.tensor(slot.meanOfSquares())));
    return state;
  }

  @Override
  public void close() {
    manager.close();
  }

  private NDArray zeros(NDArray parameter) {
    return manager.zeros(parameter.getShape(), parameter.getDataType());
  }

  private NDArray restored(Map<String, Tensor> state, String name, NDArray parameter)
      throws StageException {
    NDArray array = TorchEngine.array(manager, found(state, name));
    if (!array.getShape().equals(parameter.getShape())) {
      throw new StageException(
          "Cannot continue training: the optimiser's state has %s with shape %s, and the network's parameter has %s"
              .formatted(name, array.getShape(), parameter.getShape()));
    }
    return array;
  }

  private static Tensor found(Map<String, Tensor> state, String name) throws StageException {
    Tensor tensor = state.get(name);
    if (tensor == null) {
      throw new StageException(
          "Cannot continue training: the optimiser's state lacks the tensor "
              + name
              + "; force stage train to begin anew");
    }
    return tensor;
  }
}
