package io.cityseg.train;

import ai.djl.ndarray.NDArray;
import io.cityseg.model.DeterministicOperations;
import io.cityseg.model.Operators;

/**
 * Cross entropy over pixels, as PyTorch's {@code cross_entropy(logits, targets)}: minus the
 * target's log-softmax, and its mean over the pixels of the batch, each with its weight.
 */
final class CrossEntropy {
  private CrossEntropy() {}

  /**
   * The mean over all pixels, where each counts 1: a scalar in the logits' manager.
   *
   * @param logits [N, C, H, W]
   * @param targets int64 [N, H, W], classes 0..C-1
   */
  static NDArray of(NDArray logits, NDArray targets) {
    return DeterministicOperations.change(logits.getDevice())
        ? meanOfPixels(logits, targets)
        : Operators.crossEntropy(logits, targets);
  }

  /** The same in two steps, each of which is deterministic on a GPU. */
  static NDArray meanOfPixels(NDArray logits, NDArray targets) {
    try (NDArray each = Operators.pixelLosses(logits, targets)) {
      return each.mean();
    }
  }

  /**
   * The sum over all pixels of weight times loss, a scalar in the logits' manager.
   *
   * @param logits [N, C, H, W]
   * @param classes int64 [N, 1, H, W], 0..C-1
   * @param weights float32 [N, 1, H, W]
   */
  static NDArray sum(NDArray logits, NDArray classes, NDArray weights) {
    try (NDArray logProbabilities = logits.logSoftmax(1);
        NDArray ofTargets = logProbabilities.gather(classes, 1);
        NDArray weighted = ofTargets.mul(weights);
        NDArray sum = weighted.sum()) {
      return sum.neg();
    }
  }
}
