package io.cityseg.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.cityseg.model.EngineTurn;
import io.cityseg.model.FormulaWeights;
import io.cityseg.model.Precision;
import io.cityseg.model.SegmentationNetwork;
import io.cityseg.stage.StageException;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Training in bfloat16, on a CPU. */
class MixedPrecisionTest {
  private static final int SIZE = 48;
  private static final String STEM = "backbone.conv1.weight";

  @TempDir Path folder;

  /** The losses of some steps and a parameter's first values after them. */
  private record Trained(List<Float> losses, List<Float> values) {}

  @Test
  void backward_whenInBf16_isNearFp32AndTheSameEveryTime() throws Exception {
    try (EngineTurn turn = EngineTurn.take()) {
      turn.threads(1);
      Trained wide = train(Precision.FP32);
      Trained narrow = train(Precision.BF16);

      assertThat(narrow.losses()).isNotEqualTo(wide.losses());
      for (int i = 0; i < 2; i++) {
        // bfloat16 rounds to 1 in 256, in 60 layers.
        assertThat(narrow.losses().get(i))
            .as("loss of step %d", i + 1)
            .isCloseTo(wide.losses().get(i), within(0.05f * wide.losses().get(i)));
      }
      for (int i = 0; i < narrow.values().size(); i++) {
        // An update of Adam's moves by 1e-4 at most: kept in bfloat16, most would be lost.
        assertThat(narrow.values().get(i)).isCloseTo(wide.values().get(i), within(5e-4f));
      }
      assertThat(train(Precision.BF16)).isEqualTo(narrow);
    }
  }

  @Test
  void of_whenThePrecisionIsUnknown_saysWhichThereAre() {
    assertThatThrownBy(() -> Precision.of("fp16"))
        .isInstanceOf(StageException.class)
        .hasMessage("Invalid train.precision: 'fp16' (must be 'fp32' or 'bf16')");
  }

  private Trained train(Precision precision) throws Exception {
    try (SegmentationNetwork network = FormulaWeights.networkWithoutDropout(folder);
        NDManager data = network.manager().newSubManager()) {
      network.trainIn(precision);
      Map<String, NDArray> trained = Learner.trained(network, 0);
      var adam = Adam.fresh(new Adam.Settings(1e-4, 0.9, 0.999, 1e-8), trained, network.manager());
      var learner =
          new Learner(
              (input, remembered) -> network.forward(input, true, true),
              trained,
              adam,
              0,
              Criterion.plain(network.numClasses(), 0));
      float[] pixels = FormulaWeights.input(2, SIZE, SIZE);
      long[] labels =
          Arrays.stream(FormulaWeights.labels(2, SIZE, SIZE, false)).asLongStream().toArray();
      NDArray input = data.create(FloatBuffer.wrap(pixels), new Shape(2, 3, SIZE, SIZE));
      NDArray targets =
          data.create(LongBuffer.wrap(labels), new Shape(2, SIZE, SIZE), DataType.INT64);
      List<Float> losses = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        losses.add(learner.backward(input, targets, (from, logits) -> {}));
        assertThat(trained.get(STEM).getGradient().getDataType()).isEqualTo(DataType.FLOAT32);
        learner.update(name -> 1e-4);
      }
      List<Float> values = new ArrayList<>();
      for (float value : Arrays.copyOf(trained.get(STEM).toFloatArray(), 64)) {
        values.add(value);
      }
      return new Trained(losses, values);
    }
  }
}
