package io.cityseg.model;

import ai.djl.ndarray.NDArray;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * ResNet's bottleneck as torchvision has it: 1x1, 3x3 (with the stride, and the dilation), 1x1 to
 * four times the width, added to the input.
 *
 * @param name the state dict's prefix: "backbone.layer1.0"
 * @param shortcut brings the input to the output's shape, where they differ
 */
record Bottleneck(
    String name,
    NormalizedConvolution narrow,
    NormalizedConvolution spatial,
    NormalizedConvolution widen,
    Optional<NormalizedConvolution> shortcut) {
  private static final int EXPANSION = 4;

  /** The block from {@code in} channels to four times {@code width}. */
  static Bottleneck of(String name, int in, int width, int stride, int dilation) {
    int out = EXPANSION * width;
    return new Bottleneck(
        name,
        NormalizedConvolution.of(Convolution.of(name + ".conv1", in, width, 1), name + ".bn1"),
        NormalizedConvolution.of(
            new Convolution(name + ".conv2", width, width, 3, stride, dilation, false),
            name + ".bn2"),
        NormalizedConvolution.of(Convolution.of(name + ".conv3", width, out, 1), name + ".bn3"),
        in == out && stride == 1
            ? Optional.empty()
            : Optional.of(
                NormalizedConvolution.of(
                    new Convolution(name + ".downsample.0", in, out, 1, stride, 1, false),
                    name + ".downsample.1")));
  }

  void describe(Consumer<StateTensor> tensors) {
    narrow.describe(tensors);
    spatial.describe(tensors);
    widen.describe(tensors);
    shortcut.ifPresent(layer -> layer.describe(tensors));
  }

  /** [N, in, H, W] to [N, 4 * width, H / stride, W / stride]. */
  NDArray apply(Pass pass, NDArray x) {
    NDArray y = narrow.activated(pass, x);
    y = Pass.consume(y, narrowed -> spatial.activated(pass, narrowed));
    if (shortcut.isPresent()) {
      try (NDArray projected = shortcut.get().apply(pass, x)) {
        y = Pass.consume(y, mixed -> widen.added(pass, mixed, projected));
      }
    } else {
      y = Pass.consume(y, mixed -> widen.added(pass, mixed, x));
    }
    return pass.shown(name, y);
  }
}
