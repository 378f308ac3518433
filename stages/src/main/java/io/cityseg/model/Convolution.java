package io.cityseg.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.convolutional.Conv2d;
import java.util.List;
import java.util.function.Consumer;

/**
 * torch.nn.Conv2d with a square kernel.
 *
 * @param name the state dict's prefix: {@code name.weight}
 * @param in channels of its input
 * @param out channels of its output
 * @param kernel 1, 3 or 7
 * @param dilation distance of the kernel's taps
 * @param bias whether it has one
 */
record Convolution(
    String name, int in, int out, int kernel, int stride, int dilation, boolean bias) {

  /** Without stride, dilation or bias. */
  static Convolution of(String name, int in, int out, int kernel) {
    return new Convolution(name, in, out, kernel, 1, 1, false);
  }

  void describe(Consumer<StateTensor> tensors) {
    int fanIn = in * kernel * kernel;
    tensors.accept(
        new StateTensor(
            name + ".weight",
            List.of((long) out, (long) in, (long) kernel, (long) kernel),
            StateTensor.Role.CONVOLUTION_WEIGHT,
            fanIn));
    if (bias) {
      tensors.accept(
          new StateTensor(
              name + ".bias", List.of((long) out), StateTensor.Role.CONVOLUTION_BIAS, fanIn));
    }
  }

  /** [N, in, H, W] to [N, out, ceil(H / stride), ceil(W / stride)]: the padding is "same". */
  NDArray apply(Pass pass, NDArray x) {
    Shape size = x.getShape();
    boolean flat = reachesOutside(size.get(2));
    boolean narrow = reachesOutside(size.get(3));
    NDArray weight = pass.tensor(name + ".weight");
    if (!flat && !narrow) {
      return pass.shown(name, apply(pass, x, weight, new Shape(padding(), padding())));
    }
    int middle = kernel / 2;
    try (NDArray taps =
        weight.get(
            new NDIndex()
                .addAllDim(2)
                .addSliceDim(flat ? middle : 0, flat ? middle + 1 : kernel)
                .addSliceDim(narrow ? middle : 0, narrow ? middle + 1 : kernel))) {
      return pass.shown(
          name, apply(pass, x, taps, new Shape(flat ? 0 : padding(), narrow ? 0 : padding())));
    }
  }

  /**
   * Whether all taps beside the middle meet nothing but padding along an axis: they add 0, their
   * gradient is 0, and leaving them out saves a sixth of a step at 128x256.
   */
  private boolean reachesOutside(long length) {
    return kernel == 3 && dilation >= length;
  }

  private int padding() {
    return kernel / 2 * dilation;
  }

  private NDArray apply(Pass pass, NDArray x, NDArray weight, Shape padding) {
    return Conv2d.conv2d(
            x,
            weight,
            bias ? pass.tensor(name + ".bias") : null,
            new Shape(stride, stride),
            padding,
            new Shape(dilation, dilation))
        .singletonOrThrow();
  }
}
