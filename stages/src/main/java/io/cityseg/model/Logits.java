package io.cityseg.model;

import ai.djl.ndarray.NDArray;

/**
 * What the network says of a batch: for every pixel one number a class, the larger the likelier.
 *
 * @param out the main head's [N, C, H, W], float32
 * @param aux the auxiliary head's [N, C, H, W], or null when it was not asked for
 */
public record Logits(NDArray out, NDArray aux) implements AutoCloseable {
  /** Closes both. */
  @Override
  public void close() {
    out.close();
    if (aux != null) {
      aux.close();
    }
  }
}
