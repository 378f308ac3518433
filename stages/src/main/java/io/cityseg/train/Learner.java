package io.cityseg.train;

import static java.util.Objects.requireNonNull;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.GradientCollector;
import io.cityseg.model.Logits;
import io.cityseg.model.SegmentationNetwork;
import io.cityseg.model.TorchEngine;
import io.cityseg.train.BatchParts.Chunk;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** One step of training: the loss of a batch, its gradients, and the update. For one thread. */
final class Learner {
  private static final String AUX_HEAD = "aux_classifier.";

  private final Forward forward;
  private final Optimizer optimizer;
  private final double weightDecay;
  private final Criterion criterion;
  private final Map<String, NDArray> trained;

  /** The logits of both heads for a batch [N, 3, H, W], in training mode. */
  @FunctionalInterface
  interface Forward {
    /**
     * Runs the network.
     *
     * @param remembered whether the running statistics of batch normalisation move
     */
    Logits of(NDArray input, boolean remembered);
  }

  /** Is shown what the network says. */
  @FunctionalInterface
  interface Observer {
    /**
     * Sees some images' logits.
     *
     * @param from the first one's place in the batch
     * @param logits the main head's [n, C, H, W]
     */
    void see(int from, NDArray logits);
  }

  /**
   * @param forward the network's, with its dropout or without
   * @param trained the {@link #trained} parameters of the network
   * @param optimizer made for the same parameters
   * @param weightDecay so much of a parameter is added to its gradient, 0 or more
   */
  Learner(
      Forward forward,
      Map<String, NDArray> trained,
      Optimizer optimizer,
      double weightDecay,
      Criterion criterion) {
    this.forward = requireNonNull(forward, "forward");
    this.trained = requireNonNull(trained, "trained");
    this.optimizer = requireNonNull(optimizer, "optimizer");
    this.weightDecay = weightDecay;
    this.criterion = requireNonNull(criterion, "criterion");
  }

  /**
   * The parameters that the loss reaches. Without a weight for its loss the auxiliary head runs
   * (its running statistics move, as in the reference run) and keeps its parameters.
   */
  static Map<String, NDArray> trained(SegmentationNetwork network, double auxLossWeight) {
    Map<String, NDArray> trained = new LinkedHashMap<>(network.parameters());
    if (auxLossWeight == 0) {
      trained.keySet().removeIf(name -> name.startsWith(AUX_HEAD));
    }
    return trained;
  }

  /**
   * The loss of a batch in training mode, whose gradients are with the parameters afterwards; where
   * it is not finite there are none.
   *
   * @param input [N, 3, H, W]
   * @param targets int64 [N, H, W]
   */
  float backward(NDArray input, NDArray targets, Observer observer) {
    return backward(
        input,
        true,
        logits -> {
          observer.see(0, logits.out());
          return criterion.mean(logits, targets);
        });
  }

  /**
   * The same of a batch that goes through the network chunk by chunk: the gradient is that of the
   * mean over the whole batch, and only one chunk's graph is in memory. Chunks after one whose loss
   * is not finite, or after an interruption of the thread, are not looked at.
   *
   * @param total {@link PixelWeights#total} of the batch
   */
  double backward(
      NDArray input, NDArray targets, List<Chunk> chunks, double total, Observer observer) {
    double loss = 0;
    for (Chunk chunk : chunks) {
      var range = new NDIndex("%d:%d".formatted(chunk.from(), chunk.from() + chunk.size()));
      try (NDArray part = input.get(range);
          NDArray partTargets = targets.get(range)) {
        loss +=
            backward(
                part,
                chunk.remembered(),
                logits -> {
                  observer.see(chunk.from(), logits.out());
                  return criterion.share(logits, partTargets, total);
                });
      }
      if (!Double.isFinite(loss) || Thread.currentThread().isInterrupted()) {
        break;
      }
    }
    return loss;
  }

  private interface Loss {
    NDArray of(Logits logits);
  }

  private float backward(NDArray input, boolean remembered, Loss loss) {
    try (GradientCollector gradients = input.getManager().getEngine().newGradientCollector();
        Logits logits = forward.of(input, remembered);
        NDArray scalar = loss.of(logits)) {
      float value = scalar.getFloat();
      if (Float.isFinite(value)) {
        gradients.backward(scalar);
      }
      return value;
    }
  }

  /**
   * Updates the parameters by the gradients, and lets go of these.
   *
   * @param learningRate of a parameter, by its name
   */
  void update(ToDoubleFunction<String> learningRate) {
    withoutRecording(
        () -> {
          Map<String, NDArray> gradients = new LinkedHashMap<>();
          try {
            trained.forEach((name, parameter) -> gradients.put(name, parameter.getGradient()));
            if (weightDecay > 0) {
              trained.forEach((name, parameter) -> decay(parameter, gradients.get(name)));
            }
            optimizer.update(gradients, learningRate);
            // The engine adds to the gradients that are there; where there are none it keeps its
            // own.
            trained.values().forEach(TorchEngine::forgetGradient);
          } finally {
            gradients.values().forEach(NDArray::close);
          }
        });
  }

  private void decay(NDArray parameter, NDArray gradient) {
    try (NDArray part = parameter.mul(weightDecay)) {
      gradient.addi(part);
    }
  }

  /** The mode is the thread's, and on in a fresh one. */
  static void withoutRecording(Runnable work) {
    boolean recording = JniUtils.isGradMode();
    JniUtils.setGradMode(false);
    try {
      work.run();
    } finally {
      JniUtils.setGradMode(recording);
    }
  }
}
