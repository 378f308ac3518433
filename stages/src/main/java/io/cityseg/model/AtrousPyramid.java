package io.cityseg.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.pooling.Pool;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Atrous spatial pyramid pooling (Chen et al. 2017, "Rethinking Atrous Convolution"), as
 * torchvision's ASPP: a 1x1 convolution, 3x3 convolutions of dilation 12, 24 and 36, and the mean
 * of the picture, side by side, projected to 256 channels. torchvision's ASPP ends in a dropout,
 * which is {@link DeepLabV3}'s here.
 */
record AtrousPyramid(
    int in,
    List<NormalizedConvolution> convolutions,
    NormalizedConvolution pooled,
    NormalizedConvolution project) {
  private static final String NAME = "classifier.0";
  private static final int OUT = 256;
  private static final List<Integer> RATES = List.of(12, 24, 36);

  /** The pyramid over so many channels. */
  static AtrousPyramid of(int in) {
    String branches = NAME + ".convs.";
    List<NormalizedConvolution> convolutions = new ArrayList<>();
    convolutions.add(
        NormalizedConvolution.of(Convolution.of(branches + "0.0", in, OUT, 1), branches + "0.1"));
    for (int rate : RATES) {
      String branch = branches + convolutions.size();
      convolutions.add(
          NormalizedConvolution.of(
              new Convolution(branch + ".0", in, OUT, 3, 1, rate, false), branch + ".1"));
    }
    String pooled = branches + convolutions.size();
    return new AtrousPyramid(
        in,
        List.copyOf(convolutions),
        NormalizedConvolution.of(Convolution.of(pooled + ".1", in, OUT, 1), pooled + ".2"),
        NormalizedConvolution.of(
            Convolution.of(NAME + ".project.0", (convolutions.size() + 1) * OUT, OUT, 1),
            NAME + ".project.1"));
  }

  void describe(Consumer<StateTensor> tensors) {
    convolutions.forEach(branch -> branch.describe(tensors));
    pooled.describe(tensors);
    project.describe(tensors);
  }

  /** [N, in, h, w] to [N, 256, h, w]. */
  NDArray apply(Pass pass, NDArray x) {
    NDArray y = Pass.consume(joined(pass, x), z -> project.activated(pass, z));
    return pass.shown(NAME + ".project", y);
  }

  private NDArray joined(Pass pass, NDArray x) {
    try (NDList branches = new NDList()) {
      for (NormalizedConvolution branch : convolutions) {
        NDArray y = branch.activated(pass, x);
        branches.add(pass.shown(NAME + ".convs." + branches.size(), y));
      }
      branches.add(pass.shown(NAME + ".convs." + branches.size(), mean(pass, x)));
      return NDArrays.concat(branches, 1);
    }
  }

  /** The picture's mean in every place: what enlarging a single pixel bilinearly comes to. */
  private NDArray mean(Pass pass, NDArray x) {
    Shape shape = x.getShape();
    // DJL drops the two axes that it averages over.
    NDArray y = Pass.consume(Pool.globalAvgPool2d(x), z -> z.reshape(shape.get(0), in, 1, 1));
    y = Pass.consume(y, mean -> pooled.activated(pass, mean));
    return Pass.consume(
        y, one -> one.broadcast(new Shape(shape.get(0), OUT, shape.get(2), shape.get(3))));
  }
}
