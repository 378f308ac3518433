package io.cityseg.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cityseg.model.EngineTurn;
import java.io.InputStream;
import java.util.function.BinaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CrossEntropyTest {
  private static final Shape LOGITS = new Shape(2, 5, 3, 4);

  private EngineTurn turn;
  private NDManager manager;
  private float[] logits;
  private long[] targets;
  private JsonNode golden;

  @BeforeEach
  void open() throws Exception {
    turn = EngineTurn.take();
    turn.threads(1);
    manager = NDManager.newBaseManager("PyTorch");
    // The case no_ignored of torch 2.15's cross_entropy in double precision.
    try (InputStream in = getClass().getResourceAsStream("cross_entropy.json")) {
      golden = new ObjectMapper().readTree(in);
    }
    logits = new float[golden.get("logits").size()];
    for (int i = 0; i < logits.length; i++) {
      logits[i] = (float) golden.get("logits").get(i).asDouble();
    }
    targets = new long[golden.get("labels").size()];
    for (int i = 0; i < targets.length; i++) {
      targets[i] = golden.get("labels").get(i).asLong();
    }
  }

  @AfterEach
  void close() {
    manager.close();
    turn.close();
  }

  @Test
  void of_whenLogitsAreModerate_isTorchsWithItsGradient() {
    check(CrossEntropy::of);
  }

  /** What a GPU is given where results must be deterministic. */
  @Test
  void meanOfPixels_whenLogitsAreModerate_isTorchsWithItsGradient() {
    check(CrossEntropy::meanOfPixels);
  }

  private void check(BinaryOperator<NDArray> mean) {
    NDArray x = manager.create(logits, LOGITS);
    x.setRequiresGradient(true);
    try (GradientCollector gradients = manager.getEngine().newGradientCollector();
        NDArray loss = mean.apply(x, classes())) {
      assertThat((double) loss.getFloat())
          .isCloseTo(golden.get("loss_f64").asDouble(), within(1e-6));
      gradients.backward(loss);
    }
    float[] gradient = x.getGradient().toFloatArray();
    for (int i = 0; i < gradient.length; i++) {
      assertThat((double) gradient[i])
          .as("gradient %d", i)
          .isCloseTo(golden.get("gradient_f64").get(i).asDouble(), within(1e-7));
    }
  }

  @Test
  void of_whenAllLogitsAreShifted_isTheSame() {
    try (NDArray shifted = manager.create(logits, LOGITS).add(1000f);
        NDArray loss = CrossEntropy.of(shifted, classes())) {
      assertThat((double) loss.getFloat())
          .isCloseTo(golden.get("loss_f64").asDouble(), within(1e-4));
    }
  }

  @Test
  void of_whenLogitsAreHuge_isFinite() {
    try (NDArray enlarged = manager.create(logits, LOGITS).mul(1e6f);
        NDArray loss = CrossEntropy.of(enlarged, classes())) {
      assertThat(loss.getFloat()).isFinite().isGreaterThan(1e5f);
    }
  }

  private NDArray classes() {
    return manager.create(targets, new Shape(2, 3, 4));
  }
}
