package io.cityseg.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.pooling.Pool;
import java.util.function.Consumer;

/**
 * Squeeze and excitation (Hu et al. 2018) as torchvision's MobileNetV3 has it: each channel times a
 * number between 0 and 1 that follows from all channels' means.
 */
record SqueezeExcitation(String name, Convolution squeeze, Convolution excite) {
  private static final int NARROWING = 4;
  private static final int DIVISOR = 8;

  static SqueezeExcitation of(String name, int channels) {
    int squeezed = divisible(channels / NARROWING);
    return new SqueezeExcitation(
        name,
        new Convolution(name + ".fc1", channels, squeezed, 1, 1, 1, true),
        new Convolution(name + ".fc2", squeezed, channels, 1, 1, 1, true));
  }

  /** torchvision's {@code _make_divisible(v, 8)}: the nearest multiple, at most a tenth below. */
  private static int divisible(int value) {
    int nearest = Math.max(DIVISOR, (value + DIVISOR / 2) / DIVISOR * DIVISOR);
    return nearest < 0.9 * value ? nearest + DIVISOR : nearest;
  }

  void describe(Consumer<StateTensor> tensors) {
    squeeze.describe(tensors);
    excite.describe(tensors);
  }

  /** [N, C, H, W] to the same. */
  NDArray apply(Pass pass, NDArray x) {
    Shape shape = x.getShape();
    // DJL drops the two axes that it averages over.
    NDArray scale =
        Pass.consume(
            Pool.globalAvgPool2d(x), mean -> mean.reshape(shape.get(0), shape.get(1), 1, 1));
    scale = Pass.consume(scale, mean -> squeeze.apply(pass, mean));
    scale = Pass.consume(scale, Operators::relu);
    scale = Pass.consume(scale, squeezed -> excite.apply(pass, squeezed));
    scale = Pass.consume(scale, Activations.HARDSIGMOID::apply);
    return pass.shown(name, Pass.consume(scale, x::mul));
  }
}
