package io.cityseg.model;

import ai.djl.ndarray.NDArray;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * MobileNetV3's block (Howard et al. 2019) as torchvision has it: 1x1 to more channels, a depthwise
 * convolution, squeeze and excitation, 1x1 to fewer channels; added to the input where the shapes
 * agree.
 *
 * @param name the state dict's prefix: "backbone.4"
 * @param expand is missing where the channels are not widened
 * @param residual whether the input is added
 */
record InvertedResidual(
    String name,
    Optional<NormalizedConvolution> expand,
    NormalizedConvolution depthwise,
    Optional<SqueezeExcitation> excitation,
    NormalizedConvolution project,
    Activations activation,
    boolean residual) {

  /** What differs from block to block; the stride is torchvision's, and 1 where it dilates. */
  record Shape(
      int in,
      int kernel,
      int expanded,
      int out,
      boolean excitation,
      Activations activation,
      int stride,
      int dilation) {}

  static InvertedResidual of(String name, Shape shape) {
    String layer = name + ".block.";
    int at = 0;
    Optional<NormalizedConvolution> expand = Optional.empty();
    int expanded = shape.expanded();
    if (expanded != shape.in()) {
      expand = Optional.of(normalized(layer + at++, shape.in(), expanded));
    }
    NormalizedConvolution depthwise =
        MobileNetV3.normalized(
            new Convolution(
                layer + at + ".0",
                expanded,
                expanded,
                shape.kernel(),
                shape.dilation() > 1 ? 1 : shape.stride(),
                shape.dilation(),
                false,
                expanded),
            layer + at + ".1");
    at++;
    Optional<SqueezeExcitation> excitation =
        shape.excitation()
            ? Optional.of(SqueezeExcitation.of(layer + at++, expanded))
            : Optional.empty();
    return new InvertedResidual(
        name,
        expand,
        depthwise,
        excitation,
        normalized(layer + at, expanded, shape.out()),
        shape.activation(),
        shape.stride() == 1 && shape.in() == shape.out());
  }

  private static NormalizedConvolution normalized(String layer, int in, int out) {
    return MobileNetV3.normalized(Convolution.of(layer + ".0", in, out, 1), layer + ".1");
  }

  void describe(Consumer<StateTensor> tensors) {
    expand.ifPresent(layer -> layer.describe(tensors));
    depthwise.describe(tensors);
    excitation.ifPresent(layer -> layer.describe(tensors));
    project.describe(tensors);
  }

  /** [N, in, H, W] to [N, out, H / stride, W / stride]. */
  NDArray apply(Pass pass, NDArray x) {
    NDArray y = widened(pass, x);
    if (excitation.isPresent()) {
      y = Pass.consume(y, z -> excitation.get().apply(pass, z));
    }
    y = Pass.consume(y, z -> project.apply(pass, z));
    if (residual) {
      y = added(pass, y, x);
    }
    return pass.shown(name, y);
  }

  /** In place, but for what the engine's fused convolution made, which cannot be changed. */
  private static NDArray added(Pass pass, NDArray y, NDArray x) {
    return pass.folded().isPresent() ? Pass.consume(y, z -> z.add(x)) : y.addi(x);
  }

  private NDArray widened(Pass pass, NDArray x) {
    if (expand.isEmpty()) {
      return activated(pass, depthwise, x);
    }
    return Pass.consume(activated(pass, expand.get(), x), wide -> activated(pass, depthwise, wide));
  }

  private NDArray activated(Pass pass, NormalizedConvolution layer, NDArray x) {
    return activation == Activations.RELU
        ? layer.activated(pass, x)
        : Pass.consume(layer.apply(pass, x), activation::apply);
  }
}
