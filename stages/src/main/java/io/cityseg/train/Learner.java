package io.cityseg.train;

import static java.util.Objects.requireNonNull;

import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.GradientCollector;
import io.cityseg.model.Logits;
import io.cityseg.model.SegmentationNetwork;
import io.cityseg.model.TorchEngine;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/** One step of training: the loss of a batch, its gradients, and the update. For one thread. */
final class Learner {
  private static final String AUX_HEAD = "aux_classifier.";

  private final Forward forward;
  private final Adam adam;
  private final double auxLossWeight;
  private final Map<String, NDArray> trained;

  /** The logits of both heads for a batch [N, 3, H, W], in training mode. */
  @FunctionalInterface
  interface Forward {
    Logits of(NDArray input);
  }

  /**
   * @param forward the network's, with its dropout or without
   * @param trained the {@link #trained} parameters of the network
   * @param adam made for the same parameters
   * @param auxLossWeight weight of the auxiliary head's loss, 0 or more
   */
  Learner(Forward forward, Map<String, NDArray> trained, Adam adam, double auxLossWeight) {
    this.forward = requireNonNull(forward, "forward");
    this.trained = requireNonNull(trained, "trained");
    this.adam = requireNonNull(adam, "adam");
    this.auxLossWeight = auxLossWeight;
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
   * @param targets int64 [N, H, W], classes 0..C-1
   * @param observer is shown the main head's logits [N, C, H, W]
   */
  float backward(NDArray input, NDArray targets, Consumer<NDArray> observer) {
    try (GradientCollector gradients = input.getManager().getEngine().newGradientCollector();
        Logits logits = forward.of(input);
        NDArray loss = loss(logits, targets)) {
      observer.accept(logits.out());
      float value = loss.getFloat();
      if (Float.isFinite(value)) {
        gradients.backward(loss);
      }
      return value;
    }
  }

  /** Updates the parameters by the gradients, and lets go of these. */
  void update() {
    boolean recording = JniUtils.isGradMode();
    JniUtils.setGradMode(false); // it is the thread's, and on in a fresh one
    Map<String, NDArray> gradients = new LinkedHashMap<>();
    try {
      trained.forEach((name, parameter) -> gradients.put(name, parameter.getGradient()));
      adam.update(gradients);
      // The engine adds to the gradients that are there; where there are none it keeps its own.
      trained.values().forEach(TorchEngine::forgetGradient);
    } finally {
      gradients.values().forEach(NDArray::close);
      JniUtils.setGradMode(recording);
    }
  }

  private NDArray loss(Logits logits, NDArray targets) {
    NDArray loss = CrossEntropy.of(logits.out(), targets);
    if (auxLossWeight == 0) {
      return loss;
    }
    try (loss;
        NDArray aux = CrossEntropy.of(logits.aux(), targets);
        NDArray weighted = aux.mul(auxLossWeight)) {
      return loss.add(weighted);
    }
  }
}
