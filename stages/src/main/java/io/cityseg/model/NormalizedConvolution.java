package io.cityseg.model;

import ai.djl.ndarray.NDArray;
import java.util.function.Consumer;

/** A convolution and the batch normalisation of its output: what the network is made of. */
record NormalizedConvolution(Convolution convolution, BatchNormalization norm) {

  static NormalizedConvolution of(Convolution convolution, String norm) {
    return new NormalizedConvolution(convolution, new BatchNormalization(norm, convolution.out()));
  }

  void describe(Consumer<StateTensor> tensors) {
    convolution.describe(tensors);
    norm.describe(tensors);
  }

  /** [N, in, H, W] to [N, out, H / stride, W / stride]. */
  NDArray apply(Pass pass, NDArray x) {
    return Pass.consume(convolution.apply(pass, x), y -> norm.apply(pass, y));
  }

  /** The same, with negative values set to 0. */
  NDArray activated(Pass pass, NDArray x) {
    return Pass.consume(apply(pass, x), Operators::relu);
  }
}
