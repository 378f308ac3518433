package io.cityseg.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import io.cityseg.model.Tensor;
import io.cityseg.model.TorchEngine;
import io.cityseg.stage.StageException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The exponential moving average of a network's parameters, as {@code
 * torch.optim.swa_utils.AveragedModel} with {@code get_ema_multi_avg_fn(decay)}: the first update
 * copies the parameters, every other one moves the average by (1 - decay) of the distance.
 * Gradients must not be recorded while it works. For one thread.
 */
final class MovingAverage implements AutoCloseable {
  private static final String UPDATES = "average.updates";
  private static final String OTHER = "trained.";
  private static final NDIndex ALL = new NDIndex("...");

  private final double decay;
  private final Map<String, NDArray> parameters;
  private final Map<String, NDArray> averages = new LinkedHashMap<>();
  private final NDManager manager;
  private long updates;

  private MovingAverage(double decay, Map<String, NDArray> parameters, NDManager parent) {
    if (!(decay > 0 && decay < 1)) {
      throw new IllegalArgumentException(
          "Invalid decay of the average: " + decay + " (must be above 0 and below 1)");
    }
    this.decay = decay;
    this.parameters = parameters;
    this.manager = parent.newSubManager();
    parameters.forEach(
        (name, parameter) -> {
          NDArray copy = parameter.duplicate();
          copy.attach(manager);
          averages.put(name, copy);
        });
  }

  /** Begins an average. */
  static MovingAverage fresh(double decay, Map<String, NDArray> parameters, NDManager parent) {
    return new MovingAverage(decay, parameters, parent);
  }

  /**
   * Goes on from a checkpoint, which holds the average, and a state, which holds what is trained.
   *
   * @param parameters hold the average; they get the trained values
   * @param state what {@link #state} gave
   */
  static MovingAverage resumed(
      double decay, Map<String, NDArray> parameters, NDManager parent, Map<String, Tensor> state)
      throws StageException {
    var average = new MovingAverage(decay, parameters, parent);
    try {
      var saved = new OptimizerState(state);
      average.updates = saved.count(UPDATES);
      for (Map.Entry<String, NDArray> entry : parameters.entrySet()) {
        NDArray parameter = entry.getValue();
        try (NDArray trained = saved.array(OTHER + entry.getKey(), parameter, average.manager)) {
          parameter.set(ALL, trained);
        }
      }
      return average;
    } catch (StageException | RuntimeException e) {
      average.close();
      throw e;
    }
  }

  /** Follows the parameters after a step. */
  void update() {
    updates++;
    averages.forEach(
        (name, average) -> {
          if (updates == 1) {
            average.set(ALL, parameters.get(name));
          } else {
            try (NDArray distance = parameters.get(name).sub(average)) {
              average.addi(distance.muli(1 - decay));
            }
          }
        });
  }

  /** Exchanges the parameters' values with the average's; done twice, all is as it was. */
  void exchange() {
    averages.forEach(
        (name, average) -> {
          NDArray parameter = parameters.get(name);
          try (NDArray trained = parameter.duplicate()) {
            parameter.set(ALL, average);
            average.set(ALL, trained);
          }
        });
  }

  /** What a checkpoint of the average lacks, while the values are {@link #exchange exchanged}. */
  Map<String, Tensor> state() {
    Map<String, Tensor> state = new LinkedHashMap<>();
    state.put(UPDATES, Tensor.scalar(updates));
    averages.forEach((name, values) -> state.put(OTHER + name, TorchEngine.tensor(values)));
    return state;
  }

  @Override
  public void close() {
    manager.close();
  }
}
