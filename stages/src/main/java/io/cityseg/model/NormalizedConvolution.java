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
    if (isFolded(pass)) {
      NDArray y = convolution.apply(x, pass.folded().get().of(this), false);
      return pass.shown(norm.name(), y);
    }
    return Pass.consume(convolution.apply(pass, x), y -> norm.apply(pass, y));
  }

  /** The same, with negative values set to 0. */
  NDArray activated(Pass pass, NDArray x) {
    if (isFolded(pass)) {
      return convolution.apply(x, pass.folded().get().of(this), true);
    }
    return Pass.consume(apply(pass, x), Operators::relu);
  }

  /** The same plus a shortcut of the output's shape, with negative values set to 0. */
  NDArray added(Pass pass, NDArray x, NDArray shortcut) {
    if (isFolded(pass)) {
      return Operators.residual(x, pass.folded().get().of(this), shortcut);
    }
    return Pass.consume(apply(pass, x), y -> Operators.addRelu(y, shortcut));
  }

  /** The engine's fused convolution is called for one group alone. */
  private boolean isFolded(Pass pass) {
    return pass.folded().isPresent() && convolution.groups() == 1;
  }
}
