package io.cityseg.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cityseg.model.EngineTurn;
import io.cityseg.model.FormulaWeights;
import io.cityseg.model.Logits;
import io.cityseg.model.Oracle;
import io.cityseg.model.SegmentationNetwork;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.SoftAssertions;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * Training step by step against torch 2.15 in double precision, with the same weights, input and
 * targets, and without dropout. What float32 may differ by is what torch's own float32 differs by,
 * with some room: the first steps agree to rounding, which the network then blows up.
 */
class TrainingParityTest {
  private static final double LEARNING_RATE = 1e-4;
  @TempDir static Path folder;

  private EngineTurn turn;
  private SegmentationNetwork network;
  private Adam adam;
  private Learner learner;

  @BeforeEach
  void load() throws Exception {
    turn = EngineTurn.take();
    turn.threads(2);
    network = FormulaWeights.networkWithoutDropout(folder);
    Map<String, NDArray> trained = Learner.trained(network, 0);
    adam =
        Adam.fresh(new Adam.Settings(LEARNING_RATE, 0.9, 0.999, 1e-8), trained, network.manager());
    learner = new Learner(input -> network.forward(input, true, true), trained, adam, 0);
  }

  @AfterEach
  void close() {
    network.close();
    turn.close();
  }

  /** Golden values: {@code training_adam_b4_plain.json} of the oracle, see the resource. */
  @Test
  void update_whenThreeStepsWereTaken_followsTorch() throws Exception {
    JsonNode golden;
    try (InputStream in = getClass().getResourceAsStream("adam_b4_plain_start.json")) {
      golden = new ObjectMapper().readTree(in);
    }
    List<Float> losses = train(4, 64, 64, 3);
    assertThat(losses.get(0)).isCloseTo(lossOf(golden, 0), withinShare(golden, 0, 5e-6));
    assertThat(losses.get(1)).isCloseTo(lossOf(golden, 1), withinShare(golden, 1, 5e-5));
    assertThat(losses.get(2)).isCloseTo(lossOf(golden, 2), withinShare(golden, 2, 3e-3));
  }

  @Test
  @EnabledIfSystemProperty(
      named = "cityseg.long",
      matches = "true",
      disabledReason = "half a minute on two idle cores: run it with -Dcityseg.long=true")
  void update_whenTwentyStepsWereTaken_followsTorchsCurve() throws Exception {
    JsonNode golden = oracle("training_adam_b4_plain.json");
    List<Float> losses = train(4, 64, 64, 20);
    SoftAssertions softly = new SoftAssertions();
    for (int i = 0; i < losses.size(); i++) {
      softly
          .assertThat(losses.get(i))
          .as("loss before step %d", i + 1)
          .isCloseTo(
              lossOf(golden, i), withinShare(golden, i, i == 0 ? 5e-6 : i == 1 ? 5e-5 : 3e-3));
    }
    float evaluated = evaluationLoss(4, 64, 64);
    float expected = (float) golden.get("eval_mode_loss_after_last_step").get("f64").asDouble();
    softly
        .assertThat(evaluated)
        .as("loss in evaluation mode after the last step")
        .isCloseTo(expected, within(5e-3f * expected));
    softly.assertAll();
  }

  @Test
  void backward_whenAFirstStepIsTaken_hasTorchsGradientsUpdateAndStatistics() throws Exception {
    JsonNode golden = oracle("training_adam_b2_plain.json");
    SoftAssertions softly = new SoftAssertions();
    float loss = backward(2, 64, 128);
    softly.assertThat(loss).isCloseTo(lossOf(golden, 0), withinShare(golden, 0, 5e-6));
    JsonNode parameters = golden.get("step1").get("parameters");
    parameters
        .properties()
        .forEach(
            e -> {
              if (e.getValue().has("gradient_f64")) { // the auxiliary head has none
                checkGradient(softly, e.getKey(), e.getValue());
              }
            });
    learner.update();
    parameters
        .properties()
        .forEach(
            e -> {
              if (e.getValue().has("after_f64")) {
                check(softly, e.getKey(), e.getValue(), "after_f64", e.getKey(), 2e-7);
              }
            });
    golden
        .get("step1")
        .get("batch_norm")
        .properties()
        .forEach(e -> checkStatistics(softly, e.getKey(), e.getValue()));
    softly.assertAll();
  }

  private void checkGradient(SoftAssertions softly, String name, JsonNode golden) {
    try (NDArray gradient = network.parameters().get(name).getGradient()) {
      float[] values = gradient.toFloatArray();
      double squares = 0;
      for (float value : values) {
        squares += (double) value * value;
      }
      double rms = Math.sqrt(squares / values.length);
      for (int i = 0; i < golden.get("index").size(); i++) {
        double expected = golden.get("gradient_f64").get(i).asDouble();
        softly
            .assertThat((double) values[golden.get("index").get(i).asInt()])
            .as("gradient %d of %s", i, name)
            .isCloseTo(expected, within(0.03 * rms));
      }
    }
  }

  private void checkStatistics(SoftAssertions softly, String name, JsonNode golden) {
    for (String statistic : List.of("running_mean", "running_var")) {
      String tensor = name + "." + statistic;
      check(softly, tensor, golden.get(statistic), "f64", tensor, 1e-5);
    }
    softly
        .assertThat(network.state().get(name + ".num_batches_tracked").getLong())
        .isEqualTo(golden.get("num_batches_tracked").asLong());
  }

  private void check(
      SoftAssertions softly,
      String tensor,
      JsonNode golden,
      String field,
      String what,
      double tolerance) {
    float[] values = network.state().get(tensor).toFloatArray();
    for (int i = 0; i < golden.get("index").size(); i++) {
      double expected = golden.get(field).get(i).asDouble();
      softly
          .assertThat((double) values[golden.get("index").get(i).asInt()])
          .as("value %d of %s", i, what)
          .isCloseTo(expected, within(tolerance));
    }
  }

  private List<Float> train(int n, int height, int width, int steps) {
    List<Float> losses = new ArrayList<>();
    for (int i = 0; i < steps; i++) {
      losses.add(backward(n, height, width));
      learner.update();
    }
    return losses;
  }

  private float backward(int n, int height, int width) {
    try (NDManager scope = network.manager().newSubManager()) {
      return learner.backward(
          input(scope, n, height, width), targets(scope, n, height, width), logits -> {});
    }
  }

  private float evaluationLoss(int n, int height, int width) {
    try (NDManager scope = network.manager().newSubManager();
        Logits logits = network.forward(input(scope, n, height, width), false, false);
        NDArray loss = CrossEntropy.of(logits.out(), targets(scope, n, height, width))) {
      return loss.getFloat();
    }
  }

  private static NDArray input(NDManager scope, int n, int height, int width) {
    return scope.create(FormulaWeights.input(n, height, width), new Shape(n, 3, height, width));
  }

  private static NDArray targets(NDManager scope, int n, int height, int width) {
    return scope
        .create(FormulaWeights.labels(n, height, width, false), new Shape(n, height, width))
        .toType(DataType.INT64, true);
  }

  private static float lossOf(JsonNode golden, int step) {
    return (float) golden.get("loss_f64").get(step).asDouble();
  }

  private static Offset<Float> withinShare(JsonNode golden, int step, double share) {
    return within((float) (share * golden.get("loss_f64").get(step).asDouble()));
  }

  private static JsonNode oracle(String name) throws Exception {
    return new ObjectMapper().readTree(Oracle.folder("model").resolve(name).toFile());
  }
}
