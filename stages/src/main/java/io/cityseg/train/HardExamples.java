package io.cityseg.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;

/**
 * Online hard example mining: which pixels of a batch are hard enough to be trained on. A pixel is
 * kept when the probability of its own class is below the threshold, which is raised until {@code
 * minKept} pixels an image are kept.
 *
 * <p>The choice is that of mmsegmentation 1.2 ({@code OHEMPixelSampler.sample}); the loss is the
 * mean over the kept pixels, as in HRNet ({@code OhemCrossEntropy}), where mmsegmentation divides
 * by all.
 *
 * @param threshold of the probability, above 0, at most 1
 * @param minKept pixels an image, at least 1
 */
record HardExamples(double threshold, long minKept) {
  /** Above any probability: where an ignored pixel is sorted to. */
  private static final float BEYOND = 2f;

  HardExamples {
    if (!(threshold > 0 && threshold <= 1) || minKept < 1) {
      throw new IllegalArgumentException(
          "Invalid hard examples: threshold %s (above 0, at most 1), at least %d pixels (1 or more)"
              .formatted(threshold, minKept));
    }
  }

  /**
   * The weights of the kept pixels, and 0 for the others; [N, 1, H, W].
   *
   * @param logits [N, C, H, W]
   * @param classes int64 [N, 1, H, W]
   * @param weights float32 [N, 1, H, W], 0 where a pixel is ignored
   */
  NDArray kept(NDArray logits, NDArray classes, NDArray weights) {
    try (NDManager scope = logits.getManager().newSubManager()) {
      NDArray fixed = logits.stopGradient();
      fixed.attach(scope);
      classes.tempAttach(scope);
      weights.tempAttach(scope);
      NDArray ignored = weights.eq(0).toType(DataType.FLOAT32, false);
      NDArray own = fixed.softmax(1).gather(classes, 1).add(ignored.mul(BEYOND));
      NDArray kept = own.lt(threshold(own)).toType(DataType.FLOAT32, false).mul(weights);
      kept.attach(logits.getManager());
      return kept;
    }
  }

  private double threshold(NDArray own) {
    NDArray sorted = own.flatten().sort();
    long counted = sorted.lt(BEYOND).toType(DataType.INT64, false).sum().getLong();
    if (counted == 0) {
      return threshold;
    }
    long nth = Math.min(minKept * own.getShape().get(0), counted - 1);
    return Math.max(threshold, sorted.getFloat(nth));
  }
}
