package io.cityseg.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cityseg.model.EngineTurn;
import io.cityseg.model.Tensor;
import io.cityseg.stage.StageException;
import java.io.InputStream;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** SGD, weight decay, the schedule and the average, against torch 2.15 in double precision. */
class SgdTest {
  private EngineTurn turn;
  private NDManager manager;

  @BeforeEach
  void open() throws Exception {
    turn = EngineTurn.take();
    turn.threads(1);
    manager = NDManager.newBaseManager("PyTorch");
  }

  @AfterEach
  void close() {
    manager.close();
    turn.close();
  }

  @Test
  void update_withMomentumDecayAndPoly_isTorchs() throws Exception {
    JsonNode golden = golden("optimisers.json");
    var rates = new LearningRates(0.01, LearningRates.Schedule.POLY, 0.9, 8, 1);
    NDArray parameter = parameter(golden.get("start"));
    Map<String, NDArray> trained = Map.of("p", parameter);
    try (Sgd sgd = Sgd.fresh(new Sgd.Settings(0.9, false), trained, manager)) {
      Learner learner = learner(trained, sgd, 5e-4);
      for (int step = 0; step < 8; step++) {
        backward(parameter, golden.get("gradients").get(step));
        assertThat(rates.at(step))
            .isCloseTo(golden.get("sgd_poly").get("lr").get(step).asDouble(), within(1e-15));
        learner.update(rates.inStep(step));
        assertThat(parameter.toDoubleArray())
            .as("after step %d", step + 1)
            .containsExactly(
                doubles(golden.get("sgd_poly").get("parameter").get(step)), Offset.offset(1e-12));
      }
      assertThat(sgd.step()).isEqualTo(8);
    }
  }

  @Test
  void update_ofAdamWithDecay_isTorchs() throws Exception {
    JsonNode golden = golden("optimisers.json");
    NDArray parameter = parameter(golden.get("start"));
    Map<String, NDArray> trained = Map.of("p", parameter);
    var settings = new Adam.Settings(1e-2, 0.9, 0.999, 1e-8);
    try (Adam adam = Adam.fresh(settings, trained, manager)) {
      Learner learner = learner(trained, adam, 0.1);
      JsonNode expected = golden.get("adam_lr_1e-2_weight_decay_0.1").get("parameter");
      for (int step = 0; step < expected.size(); step++) {
        backward(parameter, golden.get("gradients").get(step));
        learner.update(name -> 1e-2);
        assertThat(parameter.toDoubleArray())
            .as("after step %d", step + 1)
            .containsExactly(doubles(expected.get(step)), Offset.offset(1e-12));
      }
    }
  }

  @Test
  void update_inNesterovsForm_isTorchsAndSoIsTheAverage() throws Exception {
    JsonNode golden = golden("rules.json").get("updates");
    NDArray parameter = parameter(golden.get("start"));
    Map<String, NDArray> trained = Map.of("p", parameter);
    try (Sgd sgd = Sgd.fresh(new Sgd.Settings(0.9, true), trained, manager);
        MovingAverage average = MovingAverage.fresh(0.8, trained, manager)) {
      Learner learner = learner(trained, sgd, 0.01);
      for (int step = 0; step < golden.get("gradients").size(); step++) {
        backward(parameter, golden.get("gradients").get(step));
        learner.update(name -> 0.1);
        Learner.withoutRecording(average::update);
        double[] expected = doubles(golden.get("nesterov").get(step));
        assertThat(parameter.toDoubleArray()).containsExactly(expected, Offset.offset(1e-10));
        Learner.withoutRecording(average::exchange);
        assertThat(parameter.toDoubleArray())
            .as("average after step %d", step + 1)
            .containsExactly(doubles(golden.get("ema_0.8").get(step)), Offset.offset(1e-10));
        Learner.withoutRecording(average::exchange);
        assertThat(parameter.toDoubleArray()).containsExactly(expected, Offset.offset(1e-10));
      }
    }
  }

  @Test
  void resumed_whenStateIsThatOfStepFour_endsWithTheSameBits() throws Exception {
    JsonNode golden = golden("optimisers.json");
    NDArray unbroken = parameter(golden.get("start"));
    NDArray broken = parameter(golden.get("start"));
    var settings = new Sgd.Settings(0.9, false);
    try (Sgd whole = Sgd.fresh(settings, Map.of("p", unbroken), manager);
        Sgd first = Sgd.fresh(settings, Map.of("p", broken), manager)) {
      updates(whole, golden, 0, 8);
      updates(first, golden, 0, 4);
      try (Sgd second = Sgd.resumed(settings, Map.of("p", broken), manager, first.state())) {
        updates(second, golden, 4, 8);
        assertThat(second.step()).isEqualTo(8);
      }
    }
    assertThat(broken.toDoubleArray()).containsExactly(unbroken.toDoubleArray());
  }

  @Test
  void resumed_whenTheStateIsAdams_namesWhatIsMissing() throws Exception {
    Map<String, NDArray> trained = Map.of("p", manager.create(new float[4]));
    assertThatThrownBy(
            () ->
                Sgd.resumed(
                    new Sgd.Settings(0.9, false),
                    trained,
                    manager,
                    Map.of("step", Tensor.scalar(3))))
        .isInstanceOf(StageException.class)
        .hasMessageContaining("lacks the tensor momentum_buffer.p");
  }

  @Test
  void update_withoutMomentum_isPlainDescentWithoutState() throws Exception {
    NDArray parameter = manager.create(new double[] {1, 2});
    var settings = new Sgd.Settings(0, false);
    try (Sgd sgd = Sgd.fresh(settings, Map.of("p", parameter), manager)) {
      sgd.update(Map.of("p", manager.create(new double[] {2, -4})), name -> 0.5);
      assertThat(parameter.toDoubleArray()).containsExactly(0, 4);
      assertThat(sgd.state()).containsOnlyKeys("step");
    }
  }

  @Test
  void settings_whenNesterovHasNoMomentum_refuses() {
    assertThatThrownBy(() -> new Sgd.Settings(0, true))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("nesterov");
  }

  private void updates(Sgd sgd, JsonNode golden, int from, int to) {
    for (int step = from; step < to; step++) {
      sgd.update(
          Map.of("p", manager.create(doubles(golden.get("gradients").get(step)))), name -> 0.01);
    }
  }

  private static Learner learner(Map<String, NDArray> trained, Optimizer optimizer, double decay) {
    return new Learner(
        (input, remembered) -> {
          throw new UnsupportedOperationException("there is no network");
        },
        trained,
        optimizer,
        decay,
        Criterion.plain(20, 0));
  }

  private NDArray parameter(JsonNode start) {
    NDArray parameter = manager.create(doubles(start));
    parameter.setRequiresGradient(true);
    return parameter;
  }

  /** Gives a parameter a gradient. */
  private void backward(NDArray parameter, JsonNode gradient) {
    try (GradientCollector gradients = manager.getEngine().newGradientCollector();
        NDArray factor = manager.create(doubles(gradient));
        NDArray loss = parameter.mul(factor).sum()) {
      gradients.backward(loss);
    }
  }

  private JsonNode golden(String name) throws Exception {
    try (InputStream in = getClass().getResourceAsStream(name)) {
      return new ObjectMapper().readTree(in);
    }
  }

  private static double[] doubles(JsonNode values) {
    return StreamSupport.stream(values.spliterator(), false)
        .mapToDouble(JsonNode::asDouble)
        .toArray();
  }
}
