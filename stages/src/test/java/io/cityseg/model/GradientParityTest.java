package io.cityseg.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A training step's loss, gradients and batch statistics are torchvision's. */
class GradientParityTest {
  private static final Shape SIZE = new Shape(4, 3, 64, 64);
  private static final int IGNORED = 255;
  private static final double LOSS = 4.42034932687129;

  @TempDir Path folder;

  @Test
  void forward_whenTraining_givesTorchvisionsLossGradientsAndStatistics() throws Exception {
    TorchEngine.threads(1);
    try (SegmentationNetwork network = FormulaWeights.networkWithoutDropout(folder);
        NDManager step = network.manager().newSubManager()) {
      NDArray input = step.create(FloatBuffer.wrap(FormulaWeights.input(4, 64, 64)), SIZE);
      try (GradientCollector gradients = Engine.getInstance().newGradientCollector()) {
        Logits logits = network.forward(input, true, true);
        NDArray loss = crossEntropy(logits.out()).add(crossEntropy(logits.aux()).mul(0.4f));
        // loss_f64[0] of training_sgd_b4_ignored_aux.json; tolerances from the oracle's README.
        assertThat((double) loss.getFloat()).isCloseTo(LOSS, within(5e-6 * LOSS));
        gradients.backward(loss);
      }
      for (String line : lines()) {
        String[] fields = line.split(",", -1);
        double want = Double.parseDouble(fields[1]);
        NDArray gradient = network.parameters().get(fields[0]).getGradient();
        assertThat((double) gradient.norm().getFloat())
            .as("norm of the gradient of " + fields[0])
            .isCloseTo(want, within(3e-3 * want));
      }
      Map<String, NDArray> state = network.state();
      float[] mean = state.get("backbone.bn1.running_mean").toFloatArray();
      assertThat((double) mean[10]).isCloseTo(-0.0772963640152, within(1e-5));
      float[] variance = state.get("backbone.bn1.running_var").toFloatArray();
      assertThat((double) variance[4]).isCloseTo(0.819667567593, within(1e-5));
      assertThat(state.get("classifier.2.num_batches_tracked").getLong()).isEqualTo(1);
    }
  }

  private static NDArray crossEntropy(NDArray logits) {
    int[] labels = FormulaWeights.labels(4, 64, 64, true);
    long[] classes =
        Arrays.stream(labels).mapToLong(label -> label == IGNORED ? 0 : label).toArray();
    float[] counted = new float[labels.length];
    for (int i = 0; i < labels.length; i++) {
      counted[i] = labels[i] == IGNORED ? 0f : 1f;
    }
    Shape shape = new Shape(4, 1, 64, 64);
    NDManager manager = logits.getManager();
    NDArray mask = manager.create(counted, shape);
    NDArray index = manager.create(classes, shape).toType(DataType.INT64, false);
    return logits.logSoftmax(1).gather(index, 1).mul(mask).sum().div(mask.sum()).neg();
  }

  private static List<String> lines() throws IOException {
    try (BufferedReader in =
        new BufferedReader(
            new InputStreamReader(
                GradientParityTest.class.getResourceAsStream("gradients_4x64x64.csv"),
                StandardCharsets.UTF_8))) {
      return in.lines().skip(1).toList();
    }
  }
}
