package io.cityseg.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.norm.Dropout;
import java.util.ArrayList;
import java.util.List;

/**
 * torchvision's {@code deeplabv3_*(aux_loss=True)} (torchvision 0.29.2, {@code
 * models/segmentation/deeplabv3.py}), top to bottom. {@link NetworkType} names the three of them.
 *
 * <p>A description of layers, without tensors: {@link #tensors} says which it needs, {@link #apply}
 * computes with those of a {@link Pass}. The operations are the functions of DJL's blocks ({@code
 * Conv2d.conv2d}, {@code Pool.maxPool2d}); the blocks themselves hold on to every intermediate
 * output and know no torchvision names.
 *
 * @param dropout share of the pyramid's values that training drops
 * @param auxDropout the same in the auxiliary head
 */
record DeepLabV3(
    NetworkType type,
    Backbone backbone,
    AtrousPyramid pyramid,
    NormalizedConvolution mixing,
    Convolution output,
    float dropout,
    NormalizedConvolution auxMixing,
    Convolution auxOutput,
    float auxDropout) {
  private static final int AUX_NARROWING = 4;

  /** Prefixes of the layers whose shape depends on the number of classes. */
  static final List<String> OUTPUT_LAYERS = List.of("classifier.4.", "aux_classifier.4.");

  /** deeplabv3_resnet50 for so many classes. */
  static DeepLabV3 of(int numClasses) {
    return of(NetworkType.DEEPLABV3_RESNET50, numClasses);
  }

  /** The network for so many classes. */
  static DeepLabV3 of(NetworkType type, int numClasses) {
    Backbone backbone = type.backbone();
    int auxChannels = backbone.auxChannels() / AUX_NARROWING;
    return new DeepLabV3(
        type,
        backbone,
        AtrousPyramid.of(backbone.outChannels()),
        NormalizedConvolution.of(Convolution.of("classifier.1", 256, 256, 3), "classifier.2"),
        new Convolution("classifier.4", 256, numClasses, 1, 1, 1, true),
        0.5f,
        NormalizedConvolution.of(
            Convolution.of("aux_classifier.0", backbone.auxChannels(), auxChannels, 3),
            "aux_classifier.1"),
        new Convolution("aux_classifier.4", auxChannels, numClasses, 1, 1, 1, true),
        0.1f);
  }

  /** The same network without dropout: random masks cannot be compared with another program's. */
  DeepLabV3 withoutDropout() {
    return new DeepLabV3(type, backbone, pyramid, mixing, output, 0f, auxMixing, auxOutput, 0f);
  }

  /** The state dict's tensors, in torchvision's order. */
  List<StateTensor> tensors() {
    List<StateTensor> tensors = new ArrayList<>();
    backbone.describe(tensors::add);
    pyramid.describe(tensors::add);
    mixing.describe(tensors::add);
    output.describe(tensors::add);
    auxMixing.describe(tensors::add);
    auxOutput.describe(tensors::add);
    return List.copyOf(tensors);
  }

  /**
   * The logits of an input [N, 3, H, W], at its size.
   *
   * <p>The layers see the channels innermost in memory, which is faster on a CPU, forwards and
   * backwards. The weights keep PyTorch's usual order: the engine reorders them for its
   * convolutions anyway, and their gradients then have the order that the optimiser wants.
   */
  Logits apply(Pass pass, NDArray input, boolean withAux) {
    try (NDArray x = Operators.channelsLast(input)) {
      // The weights, and so the input, are in the pass's precision.
      return pass.precision() == Precision.FP32
          ? logits(pass, x, input.getShape(), withAux)
          : narrow(pass, x, withAux);
    }
  }

  private Logits narrow(Pass pass, NDArray input, boolean withAux) {
    try (NDArray x = Operators.toBfloat16(input)) {
      return logits(pass, x, input.getShape(), withAux);
    }
  }

  /**
   * The main head's logits of an input [N, 3, H, W] as the head makes them, [N, C, h, w] of the
   * backbone's size; evaluation alone.
   */
  NDArray coarse(Pass pass, NDArray input) {
    try (NDArray x = Operators.channelsLast(input)) {
      Backbone.Features features = backbone.apply(pass, x);
      features.aux().close();
      return Pass.consume(features.out(), y -> head(pass, y));
    }
  }

  private Logits logits(Pass pass, NDArray input, Shape size, boolean withAux) {
    Backbone.Features features = backbone.apply(pass, input);
    NDArray aux = null;
    try (NDArray low = features.aux()) {
      if (withAux) {
        aux = Pass.consume(auxHead(pass, low), y -> enlarged(y, size));
        pass.shown("aux", aux);
      }
    }
    NDArray out = Pass.consume(features.out(), x -> head(pass, x));
    out = Pass.consume(out, y -> enlarged(y, size));
    return new Logits(pass.shown("out", out), aux);
  }

  private NDArray head(Pass pass, NDArray features) {
    NDArray x = dropped(pass, dropout, pyramid.apply(pass, features));
    x = Pass.consume(x, y -> mixing.activated(pass, y));
    x = Pass.consume(x, y -> output.apply(pass, y));
    return pass.shown("classifier", x);
  }

  private NDArray auxHead(Pass pass, NDArray features) {
    NDArray x = auxMixing.activated(pass, features);
    x = dropped(pass, auxDropout, x);
    x = Pass.consume(x, y -> auxOutput.apply(pass, y));
    return pass.shown("aux_classifier", x);
  }

  private static NDArray dropped(Pass pass, float rate, NDArray x) {
    return pass.training() && rate > 0
        ? Pass.consume(x, y -> Dropout.dropout(y, rate, true).singletonOrThrow())
        : x;
  }

  /**
   * Bilinear, {@code align_corners=False}. The engine's function differs when it makes smaller,
   * which never happens here. From here on everything is float32.
   */
  static NDArray enlarged(NDArray x, Shape size) {
    try (NDArray wide = Operators.toFloat32(x);
        NDArray flat = wide.flatten();
        NDArray outermost = flat.reshape(x.getShape())) {
      if (DeterministicOperations.change(x.getDevice())) {
        return BilinearProducts.enlarged(outermost, (int) size.get(2), (int) size.get(3));
      }
      return outermost
          .getNDArrayInternal()
          .interpolation(new long[] {size.get(2), size.get(3)}, 1, false);
    }
  }
}
