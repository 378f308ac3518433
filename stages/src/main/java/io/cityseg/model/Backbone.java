package io.cityseg.model;

import ai.djl.ndarray.NDArray;
import java.util.function.Consumer;

/** The part of the network that finds features; the heads turn them into logits. */
interface Backbone {
  /**
   * What the heads need.
   *
   * @param aux for the auxiliary head, [N, {@link #auxChannels}, h, w]
   * @param out for the main head, [N, {@link #outChannels}, h', w']
   */
  record Features(NDArray aux, NDArray out) {}

  /** Channels of {@link Features#aux}. */
  int auxChannels();

  /** Channels of {@link Features#out}. */
  int outChannels();

  /** Tells the state dict's tensors, in torchvision's order. */
  void describe(Consumer<StateTensor> tensors);

  /** The features of an input [N, 3, H, W], which stays open. */
  Features apply(Pass pass, NDArray input);
}
