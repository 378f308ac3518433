package io.cityseg.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.convolutional.Conv2d;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

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
    NDArray y =
        pass.with(
            pass.tensor(name + ".weight"),
            weight ->
                bias
                    ? pass.with(pass.tensor(name + ".bias"), offset -> apply(x, weight, offset))
                    : apply(x, weight, null));
    return pass.shown(name, y);
  }

  private NDArray apply(NDArray x, NDArray weight, NDArray offset) {
    Shape size = x.getShape();
    return withTaps(
        weight,
        size,
        taps ->
            Conv2d.conv2d(
                    x,
                    taps,
                    offset,
                    new Shape(stride, stride),
                    padding(size),
                    new Shape(dilation, dilation),
                    groups)
                .singletonOrThrow());
  }

  /** The same with another weight and a bias, and if wanted the ReLU; no gradients flow. */
  NDArray apply(NDArray x, Operators.Folded layer, boolean relu) {
    Shape size = x.getShape();
    return withTaps(
        layer.weight(),
        size,
        taps ->
            Operators.convolution(
                x,
                new Operators.Folded(taps, layer.bias()),
                stride,
                padding(size),
                dilation,
                relu));
  }

  /** Applies an operation to the weight, or to a view of the taps that meet an input of a size. */
  private NDArray withTaps(NDArray weight, Shape size, UnaryOperator<NDArray> operation) {
    int from = kernel / 2;
    boolean rows = !reachesOutside(size.get(2));
    boolean columns = !reachesOutside(size.get(3));
    if (rows && columns) {
      return operation.apply(weight);
    }
    var taps =
        new NDIndex()
            .addAllDim(2)
            .addSliceDim(rows ? 0 : from, rows ? kernel : from + 1)
            .addSliceDim(columns ? 0 : from, columns ? kernel : from + 1);
    return Pass.consume(weight.get(taps), operation);
  }

  /**
   * Whether all taps beside the middle meet nothing but padding along an axis: they add 0, their
   * gradient is 0, and leaving them out saves a sixth of a step at 128x256.
   */
  private boolean reachesOutside(long length) {
    return kernel == 3 && dilation >= length;
  }

  private Shape padding(Shape size) {
    int padding = kernel / 2 * dilation;
    return new Shape(
        reachesOutside(size.get(2)) ? 0 : padding, reachesOutside(size.get(3)) ? 0 : padding);
  }
}
