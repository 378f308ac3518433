package io.cityseg.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.pooling.Pool;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * torchvision's resnet50 or resnet101 without its classifier, with {@code
 * replace_stride_with_dilation=[False, True, True]}: the output is an eighth of the input's size.
 * The first block of a dilated stage keeps the dilation of the stage before it.
 */
record ResNet(NormalizedConvolution stem, List<List<Bottleneck>> stages) implements Backbone {
  private static final String NAME = "backbone";

  /** The backbone with 50 layers. */
  static ResNet of50() {
    return of(6);
  }

  /** The backbone with 101 layers. */
  static ResNet of101() {
    return of(23);
  }

  private static ResNet of(int layer3Blocks) {
    return new ResNet(
        NormalizedConvolution.of(
            new Convolution(NAME + ".conv1", 3, 64, 7, 2, 1, false), NAME + ".bn1"),
        List.of(
            stage("layer1", 3, 64, 64, 1, 1, 1),
            stage("layer2", 4, 256, 128, 2, 1, 1),
            stage("layer3", layer3Blocks, 512, 256, 1, 1, 2),
            stage("layer4", 3, 1024, 512, 1, 2, 4)));
  }

  private static List<Bottleneck> stage(
      String layer, int blocks, int in, int width, int stride, int firstDilation, int dilation) {
    String name = NAME + "." + layer;
    List<Bottleneck> stage = new ArrayList<>();
    stage.add(Bottleneck.of(name + ".0", in, width, stride, firstDilation));
    for (int i = 1; i < blocks; i++) {
      stage.add(Bottleneck.of(name + "." + i, 4 * width, width, 1, dilation));
    }
    return List.copyOf(stage);
  }

  @Override
  public int auxChannels() {
    return 1024;
  }

  @Override
  public int outChannels() {
    return 2048;
  }

  @Override
  public void describe(Consumer<StateTensor> tensors) {
    stem.describe(tensors);
    stages.forEach(stage -> stage.forEach(block -> block.describe(tensors)));
  }

  /** The outputs of layer3 and layer4; h = ceil(H / 8), w = ceil(W / 8). */
  @Override
  public Features apply(Pass pass, NDArray input) {
    NDArray x = stem.activated(pass, input);
    x = Pass.consume(pass.shown(NAME + ".relu", x), ResNet::maxPool);
    x = pass.shown(NAME + ".maxpool", x);
    x = Pass.consume(x, y -> stage(pass, 1, y));
    x = Pass.consume(x, y -> stage(pass, 2, y));
    NDArray layer3 = Pass.consume(x, y -> stage(pass, 3, y));
    return new Features(layer3, stage(pass, 4, layer3));
  }

  private static NDArray maxPool(NDArray x) {
    return Pool.maxPool2d(x, new Shape(3, 3), new Shape(2, 2), new Shape(1, 1), false);
  }

  private NDArray stage(Pass pass, int number, NDArray input) {
    NDArray x = input;
    for (Bottleneck block : stages.get(number - 1)) {
      NDArray y = block.apply(pass, x);
      if (x != input) {
        x.close();
      }
      x = y;
    }
    return pass.shown(NAME + ".layer" + number, x);
  }
}
