package io.cityseg.train;

import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.jni.JniUtils;
import io.cityseg.model.SegmentationNetwork;
import io.cityseg.model.Tensor;
import io.cityseg.proto.TrainConfig;
import io.cityseg.stage.StageException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What changes a network in training: an optimiser, and perhaps an average of the weights. For one
 * thread.
 */
final class Optimization implements AutoCloseable {
  private final Optimizer optimizer;
  private final Optional<MovingAverage> average;

  private Optimization(Optimizer optimizer, Optional<MovingAverage> average) {
    this.optimizer = optimizer;
    this.average = average;
  }

  /**
   * As a configuration asks for it.
   *
   * @param network is trained in place; when training goes on, it has the checkpoint's weights
   * @param saved what {@link #state} gave, where training goes on
   */
  static Optimization of(
      TrainConfig config, SegmentationNetwork network, Optional<Map<String, Tensor>> saved)
      throws StageException {
    Optional<MovingAverage> average = Optional.empty();
    if (config.getEmaDecay() > 0) {
      average = Optional.of(average(config, network, saved));
    }
    try {
      return new Optimization(optimizer(config, network, saved), average);
    } catch (StageException | RuntimeException e) {
      average.ifPresent(MovingAverage::close);
      throw e;
    }
  }

  private static MovingAverage average(
      TrainConfig config, SegmentationNetwork network, Optional<Map<String, Tensor>> saved)
      throws StageException {
    double decay = config.getEmaDecay();
    boolean recording = JniUtils.isGradMode();
    JniUtils.setGradMode(false); // it is the thread's, and on in a fresh one
    try {
      return saved.isEmpty()
          ? MovingAverage.fresh(decay, network.parameters(), network.manager())
          : MovingAverage.resumed(decay, network.parameters(), network.manager(), saved.get());
    } finally {
      JniUtils.setGradMode(recording);
    }
  }

  private static Optimizer optimizer(
      TrainConfig config, SegmentationNetwork network, Optional<Map<String, Tensor>> saved)
      throws StageException {
    Map<String, NDArray> trained = Learner.trained(network, config.getAuxLossWeight());
    if (config.getOptimizer().equals("sgd")) {
      var settings = new Sgd.Settings(config.getMomentum(), config.getNesterov());
      return saved.isEmpty()
          ? Sgd.fresh(settings, trained, network.manager())
          : Sgd.resumed(settings, trained, network.manager(), saved.get());
    }
    var settings =
        new Adam.Settings(
            config.getLearningRate(), config.getBeta1(), config.getBeta2(), config.getEpsilon());
    return saved.isEmpty()
        ? Adam.fresh(settings, trained, network.manager())
        : Adam.resumed(settings, trained, network.manager(), saved.get());
  }

  Optimizer optimizer() {
    return optimizer;
  }

  /** The weights have been updated. */
  void updated() {
    average.ifPresent(values -> Learner.withoutRecording(values::update));
  }

  /**
   * Exchanges the weights that are trained with those that are validated and stored: the average,
   * where there is one. Done twice, all is as it was.
   */
  void exchange() {
    average.ifPresent(values -> Learner.withoutRecording(values::exchange));
  }

  /**
   * What a checkpoint lacks for training to go on from it; to be called while the weights are
   * {@link #exchange exchanged}.
   */
  Map<String, Tensor> state() {
    Map<String, Tensor> state = new LinkedHashMap<>(optimizer.state());
    average.ifPresent(values -> state.putAll(values.state()));
    return state;
  }

  @Override
  public void close() {
    optimizer.close();
    average.ifPresent(MovingAverage::close);
  }
}
