package io.cityseg.train;

import ai.djl.ndarray.NDArray;
import io.cityseg.model.Operators;

/**
 * Cross entropy over pixels, as PyTorch's {@code cross_entropy(logits, targets)}: the mean over all
 * pixels of the batch of minus the target's log-softmax. No class is ignored; in the measure {@code
 * paper} void is a class like the others.
 */
final class CrossEntropy {
  private CrossEntropy() {}

  /**
   * The loss of a batch, a scalar in the logits' manager.
   *
   * @param logits [N, C, H, W]
   * @param targets int64 [N, H, W], classes 0..C-1
   */
  static NDArray of(NDArray logits, NDArray targets) {
    return Operators.crossEntropy(logits, targets);
  }
}
