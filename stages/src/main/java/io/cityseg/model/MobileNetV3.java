package io.cityseg.model;

import static io.cityseg.model.Activations.HARDSWISH;
import static io.cityseg.model.Activations.RELU;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * torchvision's mobilenet_v3_large with {@code dilated=True}, without its classifier (torchvision
 * 0.29.2, {@code models/mobilenetv3.py}): the output is a sixteenth of the input's size.
 */
record MobileNetV3(
    NormalizedConvolution stem, List<InvertedResidual> blocks, NormalizedConvolution last)
    implements Backbone {
  private static final String NAME = "backbone.";

  /** torchvision's {@code partial(nn.BatchNorm2d, eps=0.001, momentum=0.01)}. */
  private static final double MOMENTUM = 0.01;

  private static final double EPSILON = 0.001;
  private static final int STEM = 16;

  /** torchvision's {@code bneck_conf} lines. */
  private static final List<InvertedResidual.Shape> SHAPES =
      List.of(
          new InvertedResidual.Shape(16, 3, 16, 16, false, RELU, 1, 1),
          new InvertedResidual.Shape(16, 3, 64, 24, false, RELU, 2, 1),
          new InvertedResidual.Shape(24, 3, 72, 24, false, RELU, 1, 1),
          new InvertedResidual.Shape(24, 5, 72, 40, true, RELU, 2, 1),
          new InvertedResidual.Shape(40, 5, 120, 40, true, RELU, 1, 1),
          new InvertedResidual.Shape(40, 5, 120, 40, true, RELU, 1, 1),
          new InvertedResidual.Shape(40, 3, 240, 80, false, HARDSWISH, 2, 1),
          new InvertedResidual.Shape(80, 3, 200, 80, false, HARDSWISH, 1, 1),
          new InvertedResidual.Shape(80, 3, 184, 80, false, HARDSWISH, 1, 1),
          new InvertedResidual.Shape(80, 3, 184, 80, false, HARDSWISH, 1, 1),
          new InvertedResidual.Shape(80, 3, 480, 112, true, HARDSWISH, 1, 1),
          new InvertedResidual.Shape(112, 3, 672, 112, true, HARDSWISH, 1, 1),
          new InvertedResidual.Shape(112, 5, 672, 160, true, HARDSWISH, 2, 2),
          new InvertedResidual.Shape(160, 5, 960, 160, true, HARDSWISH, 1, 2),
          new InvertedResidual.Shape(160, 5, 960, 160, true, HARDSWISH, 1, 2));

  /**
   * The block that the auxiliary head reads, by its number in the backbone: the fourth from the end
   * of torchvision's {@code stage_indices}, an eighth of the input's size.
   */
  private static final int AUX_BLOCK = 4;

  static MobileNetV3 of() {
    List<InvertedResidual> blocks = new ArrayList<>();
    for (InvertedResidual.Shape shape : SHAPES) {
      blocks.add(InvertedResidual.of(NAME + (blocks.size() + 1), shape));
    }
    int in = SHAPES.get(SHAPES.size() - 1).out();
    String last = NAME + (blocks.size() + 1);
    return new MobileNetV3(
        normalized(new Convolution(NAME + "0.0", 3, STEM, 3, 2, 1, false), NAME + "0.1"),
        List.copyOf(blocks),
        normalized(Convolution.of(last + ".0", in, 6 * in, 1), last + ".1"));
  }

  /** A convolution with this network's kind of batch normalisation. */
  static NormalizedConvolution normalized(Convolution convolution, String norm) {
    return new NormalizedConvolution(
        convolution, new BatchNormalization(norm, convolution.out(), MOMENTUM, EPSILON));
  }

  @Override
  public int auxChannels() {
    return SHAPES.get(AUX_BLOCK - 1).out();
  }

  @Override
  public int outChannels() {
    return last.convolution().out();
  }

  @Override
  public void describe(Consumer<StateTensor> tensors) {
    stem.describe(tensors);
    blocks.forEach(block -> block.describe(tensors));
    last.describe(tensors);
  }

  /** The outputs of block 4, at an eighth of the input's size, and of the end, at a sixteenth. */
  @Override
  public Features apply(Pass pass, NDArray input) {
    NDArray x = Pass.consume(stem.apply(pass, input), HARDSWISH::apply);
    NDArray aux = null;
    for (InvertedResidual block : blocks) {
      NDArray y = block.apply(pass, x);
      if (x != aux) {
        x.close();
      }
      x = y;
      if (block.name().equals(NAME + AUX_BLOCK)) {
        aux = y;
      }
    }
    NDArray out = Pass.consume(x, y -> last.apply(pass, y));
    return new Features(aux, Pass.consume(out, HARDSWISH::apply));
  }
}
