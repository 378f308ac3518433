package io.cityseg.train;

import static java.util.Objects.requireNonNull;

import ai.djl.ndarray.NDArray;
import io.cityseg.model.Logits;
import java.util.Optional;

/**
 * What training makes small: the cross entropy of the main head, and of the auxiliary head with a
 * weight.
 *
 * @param weights how much each pixel counts
 * @param auxLossWeight of the auxiliary head's loss, 0 or more; with 0 its logits are not looked at
 * @param hardExamples which pixels are trained on, each head choosing its own; all when empty
 */
record Criterion(PixelWeights weights, double auxLossWeight, Optional<HardExamples> hardExamples) {
  Criterion {
    requireNonNull(weights, "weights");
    requireNonNull(hardExamples, "hardExamples");
    if (!(auxLossWeight >= 0)) {
      throw new IllegalArgumentException(
          "Invalid weight of the auxiliary loss: " + auxLossWeight + " (must be 0 or more)");
    }
  }

  /** Every pixel counts 1: the reference run's. */
  static Criterion plain(int classes, double auxLossWeight) {
    return new Criterion(PixelWeights.equal(classes), auxLossWeight, Optional.empty());
  }

  /**
   * What is measured on the validation split: the main head's loss over the pixels that count here,
   * with equal weights.
   */
  Criterion validation() {
    return new Criterion(weights.equalized(), 0, Optional.empty());
  }

  /**
   * The loss of a whole batch, a scalar: the weighted mean over its pixels. It is NaN (0/0) where
   * none counts.
   *
   * @param targets int64 [N, H, W]
   */
  NDArray mean(Logits logits, NDArray targets) {
    return both(logits, targets, this::mean);
  }

  /**
   * What a part of a batch adds to the batch's loss: the sums over all parts are its mean.
   *
   * @param targets int64 [N, H, W], the part's
   * @param total {@link PixelWeights#total} of the whole batch
   */
  NDArray share(Logits logits, NDArray targets, double total) {
    if (hardExamples.isPresent()) {
      throw new IllegalStateException("Hard examples are chosen from whole batches alone");
    }
    return both(logits, targets, (head, of) -> share(head, of, total));
  }

  private interface OfHead {
    NDArray loss(NDArray logits, NDArray targets);
  }

  private NDArray both(Logits logits, NDArray targets, OfHead head) {
    NDArray loss = head.loss(logits.out(), targets);
    if (auxLossWeight == 0) {
      return loss;
    }
    try (loss;
        NDArray aux = head.loss(logits.aux(), targets);
        NDArray weighted = aux.mul((float) auxLossWeight)) {
      return loss.add(weighted);
    }
  }

  private NDArray mean(NDArray logits, NDArray targets) {
    if (weights.areEqual() && hardExamples.isEmpty()) {
      return CrossEntropy.of(logits, targets);
    }
    try (NDArray classes = weights.classes(targets);
        NDArray each = weights.of(targets);
        NDArray counted = counted(logits, classes, each);
        NDArray sum = CrossEntropy.sum(logits, classes, counted);
        NDArray total = counted.sum()) {
      return sum.div(total);
    }
  }

  private NDArray counted(NDArray logits, NDArray classes, NDArray each) {
    return hardExamples.map(hard -> hard.kept(logits, classes, each)).orElseGet(each::duplicate);
  }

  private NDArray share(NDArray logits, NDArray targets, double total) {
    try (NDArray classes = weights.classes(targets);
        NDArray each = weights.of(targets);
        NDArray sum = CrossEntropy.sum(logits, classes, each)) {
      return sum.div((float) total); // a double would make a double of a scalar
    }
  }
}
