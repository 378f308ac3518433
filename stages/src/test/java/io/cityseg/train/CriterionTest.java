package io.cityseg.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cityseg.model.EngineTurn;
import io.cityseg.model.Logits;
import io.cityseg.model.Oracle;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Losses and their gradients against torch 2.15 in double precision. */
class CriterionTest {
  private static final int CLASSES = 5;
  private static final Shape LOGITS = new Shape(2, CLASSES, 3, 4);
  private static final int IGNORED = 255;

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

  @ParameterizedTest
  @ValueSource(
      strings = {
        "no_ignored",
        "some_ignored",
        "first_image_all_ignored",
        "one_pixel_left",
        "logits_plus_10000",
        "logits_times_1000"
      })
  void mean_whenPixelsAreIgnored_isTorchs(String name) throws Exception {
    JsonNode golden = losses().get(name);
    double scale = Math.max(1, golden.get("loss_f64").asDouble());
    check(ignoring(), golden, golden.get("labels"), golden, "loss_f64", 1e-6 * scale);
  }

  @Test
  void mean_whenAllIsIgnored_isNotANumberAndHasNoTotal() throws Exception {
    JsonNode golden = losses().get("all_ignored");
    try (NDArray logits = logits(golden);
        NDArray loss = ignoring().mean(new Logits(logits, null), targets(golden.get("labels")))) {
      assertThat(loss.getFloat()).isNaN();
    }
    assertThat(ignoring().weights().total(bytes(golden.get("labels")))).isZero();
  }

  @Test
  void mean_whenClassesHaveWeights_isTorchs() throws Exception {
    JsonNode golden = rules();
    List<Double> weights = new ArrayList<>();
    golden.get("class_weights").forEach(weight -> weights.add(weight.asDouble()));
    var criterion = new Criterion(PixelWeights.of(weights, IGNORED), 0, Optional.empty());
    JsonNode expected = golden.get("cases").get("weighted");
    check(criterion, golden, golden.get("labels"), expected, "loss", 1e-6);
  }

  @ParameterizedTest
  @ValueSource(strings = {"hard_by_threshold", "hard_by_count", "hard_all"})
  void mean_ofHardExamples_isThatOfMmsegmentationsChoice(String name) throws Exception {
    JsonNode golden = rules();
    JsonNode expected = golden.get("cases").get(name);
    var hard =
        new HardExamples(expected.get("threshold").asDouble(), expected.get("min_kept").asLong());
    var criterion = new Criterion(ignoring().weights(), 0, Optional.of(hard));
    check(criterion, golden, golden.get("labels"), expected, "loss", 2e-6);
  }

  @Test
  void share_ofThePartsOfABatch_isTheMeanOfTheWhole() throws Exception {
    JsonNode golden = losses().get("some_ignored");
    double total = ignoring().weights().total(bytes(golden.get("labels")));
    assertThat(total).isEqualTo(golden.get("counted_pixels").asDouble());
    NDArray x = logits(golden);
    NDArray targets = targets(golden.get("labels"));
    double sum = 0;
    for (String range : List.of("0:1", "1:2")) {
      try (GradientCollector gradients = manager.getEngine().newGradientCollector();
          NDArray part = x.get(new NDIndex(range));
          NDArray loss =
              ignoring().share(new Logits(part, null), targets.get(new NDIndex(range)), total)) {
        sum += loss.getFloat();
        gradients.backward(loss);
      }
    }
    assertThat(sum).isCloseTo(golden.get("loss_f64").asDouble(), within(1e-6));
    checkGradient(x, golden.get("gradient_f64"), 1e-7);
  }

  @Test
  void mean_withAnAuxiliaryHead_addsItsPart() throws Exception {
    JsonNode golden = losses().get("some_ignored");
    var criterion = new Criterion(ignoring().weights(), 0.4, Optional.empty());
    NDArray x = logits(golden);
    try (NDArray loss = criterion.mean(new Logits(x, x), targets(golden.get("labels")))) {
      assertThat((double) loss.getFloat())
          .isCloseTo(1.4 * golden.get("loss_f64").asDouble(), within(1e-6));
    }
  }

  private void check(
      Criterion criterion,
      JsonNode golden,
      JsonNode labels,
      JsonNode expected,
      String loss,
      double tolerance) {
    NDArray x = logits(golden);
    try (GradientCollector gradients = manager.getEngine().newGradientCollector();
        NDArray actual = criterion.mean(new Logits(x, null), targets(labels))) {
      assertThat((double) actual.getFloat())
          .isCloseTo(expected.get(loss).asDouble(), within(tolerance));
      gradients.backward(actual);
    }
    JsonNode gradient =
        expected.has("gradient") ? expected.get("gradient") : expected.get("gradient_f64");
    checkGradient(x, gradient, 2e-6);
  }

  private static void checkGradient(NDArray x, JsonNode expected, double tolerance) {
    float[] gradient = x.getGradient().toFloatArray();
    for (int i = 0; i < gradient.length; i++) {
      assertThat((double) gradient[i])
          .as("gradient %d", i)
          .isCloseTo(expected.get(i).asDouble(), within(tolerance));
    }
  }

  private static Criterion ignoring() {
    return new Criterion(
        PixelWeights.of(Collections.nCopies(CLASSES, 1.0), IGNORED), 0, Optional.empty());
  }

  private NDArray logits(JsonNode golden) {
    float[] values = new float[golden.get("logits").size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) golden.get("logits").get(i).asDouble();
    }
    NDArray logits = manager.create(values, LOGITS);
    logits.setRequiresGradient(true);
    return logits;
  }

  private NDArray targets(JsonNode labels) {
    long[] targets = new long[labels.size()];
    for (int i = 0; i < targets.length; i++) {
      targets[i] = labels.get(i).asLong();
    }
    return manager.create(targets, new Shape(2, 3, 4));
  }

  private static byte[] bytes(JsonNode labels) {
    byte[] bytes = new byte[labels.size()];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) labels.get(i).asInt();
    }
    return bytes;
  }

  private static JsonNode losses() throws Exception {
    return new ObjectMapper()
        .readTree(Oracle.folder("model").resolve("loss.json").toFile())
        .get("cases");
  }

  private JsonNode rules() throws Exception {
    try (InputStream in = getClass().getResourceAsStream("rules.json")) {
      return new ObjectMapper().readTree(in).get("loss");
    }
  }
}
