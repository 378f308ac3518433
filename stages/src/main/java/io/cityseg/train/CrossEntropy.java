package io.cityseg.train;

import ai.djl.ndarray.NDArray;

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
    // Handles are closed at once: autograd keeps by itself what the backward pass needs.
    try (NDArray index = targets.expandDims(1);
        NDArray logProbabilities = logits.logSoftmax(1);
        NDArray ofTargets = logProbabilities.gather(index, 1);
        NDArray mean = ofTargets.mean()) {
      return mean.neg();
    }
  }
}
