package io.cityseg.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import io.cityseg.stage.StageException;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DeterministicOperationsTest {
  private static final Offset<Float> NEAR = Offset.offset(2e-6f);

  /** {@code put_} without accumulation is one of the few that PyTorch refuses on a CPU, too. */
  @Test
  void on_untilItIsClosed_makesTheEngineRefuseWhatIsNotDeterministic() throws Exception {
    assertThat(DeterministicOperations.areOn()).isFalse();
    try (DeterministicOperations on = DeterministicOperations.on(Device.cpu());
        NDManager manager = TorchEngine.newManager(Device.cpu())) {
      assertThat(on).isNotNull();
      assertThat(DeterministicOperations.areOn()).isTrue();
      assertThatThrownBy(() -> put(manager))
          .isInstanceOf(EngineException.class)
          .hasMessageContaining("put_ does not have a deterministic implementation");
      assertThat(DeterministicOperations.change(Device.cpu())).as("on a CPU").isFalse();
    }
    assertThat(DeterministicOperations.areOn()).isFalse();
    try (NDManager manager = TorchEngine.newManager(Device.cpu())) {
      assertThatCode(() -> put(manager)).doesNotThrowAnyException();
    }
  }

  private static void put(NDManager manager) {
    manager
        .zeros(new Shape(4))
        .put(manager.create(new long[] {1, 2}), manager.create(new float[] {1, 2}));
  }

  @Test
  void checkWorkspace_withoutOne_saysWhatToSet() {
    assertThatThrownBy(() -> DeterministicOperations.checkWorkspace(Map.of()))
        .isInstanceOf(StageException.class)
        .hasMessage(
            "Cannot train deterministically on a GPU: cuBLAS needs CUBLAS_WORKSPACE_CONFIG=:4096:8"
                + " (or :16:8) in the environment for that, which has none; set it before the"
                + " program starts, or set train.deterministic to false");
    assertThatThrownBy(
            () -> DeterministicOperations.checkWorkspace(Map.of("CUBLAS_WORKSPACE_CONFIG", ":0:0")))
        .hasMessageContaining("which has ':0:0'");
    assertThatCode(
            () ->
                DeterministicOperations.checkWorkspace(
                    Map.of("CUBLAS_WORKSPACE_CONFIG", ":4096:8")))
        .doesNotThrowAnyException();
  }

  /** What a GPU is given in place of the engine's function has its values and its gradient. */
  @ParameterizedTest
  @CsvSource({"1, 1, 7, 9", "5, 9, 33, 65", "4, 6, 4, 6", "13, 17, 97, 131"})
  void enlarged_byProducts_isTheEnginesEnlargingWithItsGradient(
      int height, int width, int largeHeight, int largeWidth) throws Exception {
    try (NDManager manager = TorchEngine.newManager(Device.cpu())) {
      NDArray x = noise(manager, new Shape(2, 3, height, width), 1);
      NDArray direction = noise(manager, new Shape(2, 3, largeHeight, largeWidth), 5);
      x.setRequiresGradient(true);
      float[] expected;
      float[] values;
      try (GradientCollector gradients = x.getManager().getEngine().newGradientCollector()) {
        NDArray y = DeepLabV3.enlarged(x, new Shape(2, 3, largeHeight, largeWidth));
        expected = y.toFloatArray();
        gradients.backward(y.mul(direction).sum());
      }
      final float[] gradient = x.getGradient().toFloatArray();
      TorchEngine.forgetGradient(x);
      try (GradientCollector gradients = x.getManager().getEngine().newGradientCollector()) {
        NDArray y = BilinearProducts.enlarged(x, largeHeight, largeWidth);
        values = y.toFloatArray();
        gradients.backward(y.mul(direction).sum());
      }
      assertThat(values).containsExactly(expected, NEAR);
      float largest = x.getGradient().abs().max().getFloat();
      assertThat(x.getGradient().toFloatArray())
          .containsExactly(gradient, Offset.offset(1e-6f * Math.max(1, largest)));
    }
  }

  private static NDArray noise(NDManager manager, Shape shape, int seed) {
    float[] values = new float[(int) shape.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) Math.sin(seed + 12.9898 * i);
    }
    return manager.create(values, shape).toType(DataType.FLOAT32, false);
  }
}
