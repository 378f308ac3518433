package io.cityseg.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.norm.Dropout;
import java.util.ArrayList;
import java.util.List;

/**
 * torchvision's {@code deeplabv3_resnet50(aux_loss=True)} (torchvision 0.29.2, {@code
 * models/segmentation/deeplabv3.py}), top to bottom.
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
    ResNet50 backbone,
    AtrousPyramid pyramid,
    NormalizedConvolution mixing,
    Convolution output,
    float dropout,
    NormalizedConvolution auxMixing,
    Convolution auxOutput,
    float auxDropout) {
  /** torchvision's name of the network. */
  static final String NAME = "deeplabv3_resnet50";

  /** Prefixes of the layers whose shape depends on the number of classes. */
  static final List<String> OUTPUT_LAYERS = List.of("classifier.4.", "aux_classifier.4.");

  /** The network for so many classes. */
  static DeepLabV3 of(int numClasses) {
    return new DeepLabV3(
        ResNet50.of(),
        AtrousPyramid.of(),
        NormalizedConvolution.of(Convolution.of("classifier.1", 256, 256, 3), "classifier.2"),
        new Convolution("classifier.4", 256, numClasses, 1, 1, 1, true),
        0.5f,
        NormalizedConvolution.of(
            Convolution.of("aux_classifier.0", 1024, 256, 3), "aux_classifier.1"),
        new Convolution("aux_classifier.4", 256, numClasses, 1, 1, 1, true),
        0.1f);
  }

  /** The same network without dropout: random masks cannot be compared with another program's. */
  DeepLabV3 withoutDropout() {
    return new DeepLabV3(backbone, pyramid, mixing, output, 0f, auxMixing, auxOutput, 0f);
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
   * <p>In evaluation the layers see the channels innermost in memory, which is a sixth faster on a
   * CPU; in training the backward pass loses what the forward pass gains (both measured).
   */
  Logits apply(Pass pass, NDArray input, boolean withAux) {
    if (pass.training()) {
      return logits(pass, input, input.getShape(), withAux);
    }
    try (NDArray x = channelsInnermost(input)) {
      return logits(pass, x, input.getShape(), withAux);
    }
  }

  /**
   * The main head's logits of an input [N, 3, H, W] as the head makes them, [N, C, H / 8, W / 8]
   * rounded up; evaluation alone.
   */
  NDArray coarse(Pass pass, NDArray input) {
    try (NDArray x = channelsInnermost(input)) {
      ResNet50.Features features = backbone.apply(pass, x);
      features.layer3().close();
      return Pass.consume(features.layer4(), y -> head(pass, y));
    }
  }

  private Logits logits(Pass pass, NDArray input, Shape size, boolean withAux) {
    ResNet50.Features features = backbone.apply(pass, input);
    NDArray aux = null;
    try (NDArray layer3 = features.layer3()) {
      if (withAux) {
        aux = Pass.consume(auxHead(pass, layer3), y -> enlarged(y, size));
        pass.shown("aux", aux);
      }
    }
    NDArray out = Pass.consume(features.layer4(), x -> head(pass, x));
    out = Pass.consume(out, y -> enlarged(y, size));
    return new Logits(pass.shown("out", out), aux);
  }

  private NDArray head(Pass pass, NDArray layer4) {
    NDArray x = dropped(pass, dropout, pyramid.apply(pass, layer4));
    x = Pass.consume(x, y -> mixing.activated(pass, y));
    x = Pass.consume(x, y -> output.apply(pass, y));
    return pass.shown("classifier", x);
  }

  private NDArray auxHead(Pass pass, NDArray layer3) {
    NDArray x = auxMixing.activated(pass, layer3);
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
   * which never happens here.
   */
  static NDArray enlarged(NDArray x, Shape size) {
    try (NDArray flat = x.flatten();
        NDArray outermost = flat.reshape(x.getShape())) {
      return outermost
          .getNDArrayInternal()
          .interpolation(new long[] {size.get(2), size.get(3)}, 1, false);
    }
  }

  /** The same [N, C, H, W] over memory in the order [N, H, W, C], which the engine recognises. */
  private static NDArray channelsInnermost(NDArray x) {
    try (NDArray view = x.transpose(0, 2, 3, 1);
        NDArray copy = view.flatten();
        NDArray shaped = copy.reshape(view.getShape())) {
      return shaped.transpose(0, 3, 1, 2);
    }
  }
}
