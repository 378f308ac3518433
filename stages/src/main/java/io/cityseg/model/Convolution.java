package io.cityseg.model;

import ai.djl.ndarray.NDArray;
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
 * @param kernel 1, 3, 5 or 7
 * @param dilation distance of the kernel's taps
 * @param bias whether it has one
 * @param groups parts that the channels fall into, each of which sees itself alone
 */
record Convolution(
    String name, int in, int out, int kernel, int stride, int dilation, boolean bias, int groups) {

  /** In one group. */
  Convolution(String name, int in, int out, int kernel, int stride, int dilation, boolean bias) {
    this(name, in, out, kernel, stride, dilation, bias, 1);
  }

  /** Without stride, dilation or bias. */
  static Convolution of(String name, int in, int out, int kernel) {
    return new Convolution(name, in, out, kernel, 1, 1, false);
  }

  void describe(Consumer<StateTensor> tensors) {
    int fanIn = in / groups * kernel * kernel;
    tensors.accept(
        new StateTensor(
            name + ".weight",
            List.of((long) out, (long) (in / groups), (long) kernel, (long) kernel),
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
    int padding = kernel / 2 * dilation;
    NDArray y =
        Conv2d.conv2d(
                x,
                pass.tensor(name + ".weight"),
                bias ? pass.tensor(name + ".bias") : null,
                new Shape(stride, stride),
                new Shape(padding, padding),
                new Shape(dilation, dilation),
                groups)
            .singletonOrThrow();
    return pass.shown(name, y);
  }
}
