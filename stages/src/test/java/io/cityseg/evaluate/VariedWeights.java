package io.cityseg.evaluate;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.cityseg.model.FormulaWeights;
import io.cityseg.model.Safetensors;
import io.cityseg.model.SegmentationNetwork;
import io.cityseg.model.Tensor;
import java.nio.file.Path;
import java.util.Map;

/**
 * The formula's weights, with the output's bias moved so that every class has the same mean logit:
 * which class is predicted then differs from place to place.
 */
final class VariedWeights {
  private static final int CLASSES = 20;
  private static final int SIZE = 64;

  private VariedWeights() {}

  /** Writes the weights into a folder and returns the file. */
  static Path write(Path folder) throws Exception {
    Map<String, Tensor> tensors = FormulaWeights.all();
    Path file = folder.resolve("varied.safetensors");
    tensors.put("classifier.4.bias", Tensor.of(new float[CLASSES], (long) CLASSES));
    Safetensors.write(file, tensors);
    float[] bias = new float[CLASSES];
    try (SegmentationNetwork network =
            SegmentationNetwork.load(file, "deeplabv3_resnet50", CLASSES, Device.cpu());
        NDManager scope = network.manager().newSubManager();
        NDArray input =
            scope.create(FormulaWeights.input(1, SIZE, SIZE), new Shape(1, 3, SIZE, SIZE));
        NDArray logits = network.coarseLogits(input)) {
      float[] values = logits.toFloatArray();
      int pixels = values.length / CLASSES;
      for (int i = 0; i < values.length; i++) {
        bias[i / pixels] -= values[i] / pixels;
      }
    }
    tensors.put("classifier.4.bias", Tensor.of(bias, (long) CLASSES));
    Path varied = folder.resolve("varied-bias.safetensors");
    Safetensors.write(varied, tensors);
    return varied;
  }
}
