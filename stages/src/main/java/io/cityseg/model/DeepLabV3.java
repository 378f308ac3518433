package io.cityseg.model;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.List;

/**
 * torchvision's {@code deeplabv3_resnet50(aux_loss=True)} (torchvision 0.22, {@code
 * models/segmentation/deeplabv3.py}), top to bottom.
 *
 * <p>A description of layers, without tensors: {@link #tensors} says which it needs, {@link #apply}
 * computes with those of a {@link Pass}. The operations are the functions of DJL's blocks ({@code
 * Conv2d.conv2d}, {@code Pool.maxPool2d}); the blocks themselves hold on to every intermediate
 * output and know no torchvision names.
 */
record DeepLabV3(
    ResNet50 backbone,
    AtrousPyramid pyramid,
    NormalizedConvolution mixing,
    Convolution output,
    NormalizedConvolution auxMixing,
    Convolution auxOutput) {
  /** torchvision's name of the network. */
  static final String NAME = "deeplabv3_resnet50";

  /** Prefixes of the layers whose shape depends on the number of classes. */
  static final List<String> OUTPUT_LAYERS = List.of("classifier.4.", "aux_classifier.4.");

  private static final float AUX_DROPOUT = 0.1f;

  /** The network for so many classes. */
  static DeepLabV3 of(int numClasses) {
    return new DeepLabV3(
        ResNet50.of(),
        AtrousPyramid.of(),
        NormalizedConvolution.of(Convolution.of("classifier.1", 256, 256, 3), "classifier.2"),
        new Convolution("classifier.4", 256, numClasses, 1, 1, 1, true),
        NormalizedConvolution.of(
            Convolution.of("aux_classifier.0", 1024, 256, 3), "aux_classifier.1"),
        new Convolution("aux_classifier.4", 256, numClasses, 1, 1, 1, true));
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

  /** The logits of an input [N, 3, H, W], at its size. */
  Logits apply(Pass pass, NDArray input, boolean withAux) {
    long height = input.getShape().get(2);
    long width = input.getShape().get(3);
    ResNet50.Features features = backbone.apply(pass, input);
    NDArray aux = null;
    try (NDArray layer3 = features.layer3()) {
      if (withAux) {
        aux = Pass.consume(auxHead(pass, layer3), y -> enlarged(y, height, width));
        pass.shown("aux", aux);
      }
    }
    NDArray out = Pass.consume(features.layer4(), x -> head(pass, x));
    out = Pass.consume(out, y -> enlarged(y, height, width));
    return new Logits(pass.shown("out", out), aux);
  }

  private NDArray head(Pass pass, NDArray layer4) {
    NDArray x = pyramid.apply(pass, layer4);
    x = Pass.consume(x, y -> mixing.activated(pass, y));
    x = Pass.consume(x, y -> output.apply(pass, y));
    return pass.shown("classifier", x);
  }

  private NDArray auxHead(Pass pass, NDArray layer3) {
    NDArray x = auxMixing.activated(pass, layer3);
    x = pass.dropped(x, AUX_DROPOUT);
    x = Pass.consume(x, y -> auxOutput.apply(pass, y));
    return pass.shown("aux_classifier", x);
  }

  /** Bilinear, {@code align_corners=False}. The engine's function differs when it makes smaller. */
  private static NDArray enlarged(NDArray x, long height, long width) {
    return x.getNDArrayInternal().interpolation(new long[] {height, width}, 1, false);
  }
}
