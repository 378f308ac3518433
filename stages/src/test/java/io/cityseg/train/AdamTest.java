package io.cityseg.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cityseg.model.EngineTurn;
import io.cityseg.model.Tensor;
import io.cityseg.stage.StageException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AdamTest {
  private static final Adam.Settings SETTINGS = new Adam.Settings(1e-4, 0.9, 0.999, 1e-8);

  private EngineTurn turn;
  private NDManager manager;
  private JsonNode golden;

  @BeforeEach
  void open() throws Exception {
    turn = EngineTurn.take();
    turn.threads(1);
    manager = NDManager.newBaseManager("PyTorch");
    // Made with torch 2.15 in double precision; the third gradient is near epsilon.
    try (InputStream in = getClass().getResourceAsStream("adam.json")) {
      golden = new ObjectMapper().readTree(in);
    }
  }

  @AfterEach
  void close() {
    manager.close();
    turn.close();
  }

  @Test
  void update_inDoublePrecision_isTorchs() {
    NDArray parameter = manager.create(doubles(golden.get("start")));
    try (Adam adam = Adam.fresh(SETTINGS, Map.of("p", parameter), manager)) {
      for (int step = 0; step < golden.get("gradients").size(); step++) {
        adam.update(Map.of("p", manager.create(doubles(golden.get("gradients").get(step)))));
        assertThat(parameter.toDoubleArray())
            .as("after step %d", step + 1)
            .containsExactly(doubles(golden.get("parameter").get(step)), Offset.offset(1e-12));
      }
      assertThat(adam.step()).isEqualTo(8);
    }
  }

  @Test
  void update_inSinglePrecision_isNearTorchs() {
    NDArray parameter = manager.create(floats(golden.get("start")));
    try (Adam adam = Adam.fresh(SETTINGS, Map.of("p", parameter), manager)) {
      for (int step = 0; step < golden.get("gradients").size(); step++) {
        adam.update(Map.of("p", manager.create(floats(golden.get("gradients").get(step)))));
        assertThat(parameter.toFloatArray())
            .as("after step %d", step + 1)
            .containsExactly(floats(golden.get("parameter").get(step)), within(1e-6f));
      }
    }
  }

  @Test
  void resumed_whenStateIsThatOfStepFour_endsWithTheSameBits() throws Exception {
    NDArray unbroken = manager.create(floats(golden.get("start")));
    NDArray broken = manager.create(floats(golden.get("start")));
    try (Adam whole = Adam.fresh(SETTINGS, Map.of("p", unbroken), manager);
        Adam first = Adam.fresh(SETTINGS, Map.of("p", broken), manager)) {
      updates(whole, 0, 8);
      updates(first, 0, 4);
      try (Adam second = Adam.resumed(SETTINGS, Map.of("p", broken), manager, first.state())) {
        updates(second, 4, 8);
        assertThat(second.step()).isEqualTo(8);
      }
    }
    assertThat(broken.toFloatArray()).containsExactly(unbroken.toFloatArray());
  }

  @Test
  void resumed_whenStateIsOfAnotherParameter_namesWhatIsMissing() {
    NDArray parameter = manager.create(new float[4]);
    try (Adam adam = Adam.fresh(SETTINGS, Map.of("other", parameter), manager)) {
      assertThatThrownBy(
              () -> Adam.resumed(SETTINGS, Map.of("p", parameter), manager, adam.state()))
          .isInstanceOf(StageException.class)
          .hasMessageContaining("exp_avg.p");
    }
  }

  @Test
  void resumed_whenShapesDiffer_saysBoth() {
    NDArray parameter = manager.create(new float[4]);
    try (Adam adam = Adam.fresh(SETTINGS, Map.of("p", parameter), manager)) {
      Map<String, Tensor> state = new LinkedHashMap<>(adam.state());
      state.put("exp_avg_sq.p", Tensor.of(new float[] {1, 2, 3}, 3L));
      assertThatThrownBy(() -> Adam.resumed(SETTINGS, Map.of("p", parameter), manager, state))
          .isInstanceOf(StageException.class)
          .hasMessageContaining("(3)")
          .hasMessageContaining("(4)");
    }
  }

  @Test
  void settings_whenABetaIsOne_refuses() {
    assertThatThrownBy(() -> new Adam.Settings(1e-4, 1, 0.999, 1e-8))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("betas 1.0");
  }

  private void updates(Adam adam, int from, int to) {
    for (int step = from; step < to; step++) {
      adam.update(Map.of("p", manager.create(floats(golden.get("gradients").get(step)))));
    }
  }

  private static double[] doubles(JsonNode values) {
    double[] doubles = new double[values.size()];
    for (int i = 0; i < doubles.length; i++) {
      doubles[i] = values.get(i).asDouble();
    }
    return doubles;
  }

  private static float[] floats(JsonNode values) {
    float[] floats = new float[values.size()];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values.get(i).asDouble();
    }
    return floats;
  }
}
