package io.cityseg.model;

import io.cityseg.stage.StageException;

/**
 * What the layers compute in while training. Weights, their gradients, the optimiser's state and
 * running statistics are float32 in any case, and so are the logits and the loss.
 */
public enum Precision {
  /** float32. */
  FP32,
  /**
   * bfloat16: activations and convolutions have 8 bits of mantissa, and sums within them are
   * float32's (Kalamkar et al. 2019). Its exponent is float32's, so the loss needs no scaling.
   */
  BF16;

  /**
   * The precision that {@code train.precision} names: "fp32" or "bf16".
   *
   * @throws StageException when it names none
   */
  public static Precision of(String name) throws StageException {
    return switch (name) {
      case "fp32" -> FP32;
      case "bf16" -> BF16;
      default ->
          throw new StageException(
              "Invalid train.precision: '%s' (must be 'fp32' or 'bf16')".formatted(name));
    };
  }
}
