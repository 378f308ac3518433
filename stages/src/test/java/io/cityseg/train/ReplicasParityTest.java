package io.cityseg.train;

import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cityseg.model.EngineTurn;
import io.cityseg.model.FormulaWeights;
import io.cityseg.model.SegmentationNetwork;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A step whose batch is cut, against torch 2.15 in double precision: replicas as nn.DataParallel
 * has them, and gradient accumulation. Void is ignored, classes have weights, and the last image
 * has a single pixel that counts, so that a mean of the chunks' means would show.
 */
class ReplicasParityTest {
  private static final int SIZE = 33;

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({"replicas, 1, 2", "accumulated, 2, 1"})
  void backward_whenABatchIsCut_hasTorchsLossGradientsAndStatistics(
      String name, int accumulate, int replicas) throws Exception {
    JsonNode golden;
    try (InputStream in = getClass().getResourceAsStream("replicas.json")) {
      golden = new ObjectMapper().readTree(in).get(name);
    }
    int images = golden.get("images").asInt();
    List<BatchParts.Chunk> chunks = new BatchParts(accumulate, replicas).of(images);
    SoftAssertions softly = new SoftAssertions();
    softly
        .assertThat(chunks.stream().map(BatchParts.Chunk::size).map(Object::toString))
        .containsExactlyElementsOf(
            IntStream.range(0, golden.get("chunks").size())
                .mapToObj(i -> golden.get("chunks").get(i).asText())
                .toList());
    var criterion =
        new Criterion(
            PixelWeights.of(IntStream.range(0, 20).mapToObj(c -> 0.5 + 0.1 * c).toList(), 255),
            0.4,
            Optional.empty());
    byte[] labels = labels(images);
    try (EngineTurn turn = EngineTurn.take()) {
      turn.threads(2);
      try (SegmentationNetwork network = FormulaWeights.networkWithoutDropout(folder);
          NDManager scope = network.manager().newSubManager()) {
        Map<String, NDArray> trained = Learner.trained(network, 0.4);
        Learner learner =
            new Learner(
                (input, remembered) ->
                    remembered
                        ? network.forward(input, true, true)
                        : network.forwardAside(input, true),
                trained,
                Sgd.fresh(new Sgd.Settings(0, false), trained, network.manager()),
                0,
                criterion);
        double loss =
            learner.backward(
                scope.create(
                    FormulaWeights.input(images, SIZE, SIZE), new Shape(images, 3, SIZE, SIZE)),
                targets(scope, labels, images),
                chunks,
                criterion.weights().total(labels),
                (from, logits) -> {});
        double expected = golden.get("loss").asDouble();
        softly.assertThat(loss).isCloseTo(expected, within(5e-6 * expected));
        checkGradients(softly, network, golden.get("gradients"));
        checkStatistics(softly, network, golden.get("statistics"));
      }
    }
    softly.assertAll();
  }

  private static void checkGradients(
      SoftAssertions softly, SegmentationNetwork network, JsonNode golden) {
    golden
        .properties()
        .forEach(
            e -> {
              float[] gradient = network.parameters().get(e.getKey()).getGradient().toFloatArray();
              double squares = 0;
              for (float value : gradient) {
                squares += (double) value * value;
              }
              double norm = e.getValue().get("norm").asDouble();
              softly
                  .assertThat(Math.sqrt(squares))
                  .as("norm of the gradient of %s", e.getKey())
                  .isCloseTo(norm, within(3e-3 * norm));
              for (int i = 0; i < 4; i++) {
                double value = e.getValue().get("value").get(i).asDouble();
                softly
                    .assertThat((double) gradient[e.getValue().get("index").get(i).asInt()])
                    .as("gradient %d of %s", i, e.getKey())
                    .isCloseTo(value, within(0.03 * Math.abs(value)));
              }
            });
  }

  private static void checkStatistics(
      SoftAssertions softly, SegmentationNetwork network, JsonNode golden) {
    golden
        .properties()
        .forEach(
            e -> {
              for (String statistic : List.of("running_mean", "running_var")) {
                float[] values = network.state().get(e.getKey() + "." + statistic).toFloatArray();
                for (int i = 0; i < 6; i++) {
                  softly
                      .assertThat((double) values[i])
                      .as("%s %d of %s", statistic, i, e.getKey())
                      .isCloseTo(e.getValue().get(statistic).get(i).asDouble(), within(1e-5));
                }
              }
              softly
                  .assertThat(network.state().get(e.getKey() + ".num_batches_tracked").getLong())
                  .as("batches tracked of %s", e.getKey())
                  .isEqualTo(e.getValue().get("num_batches_tracked").asLong());
            });
  }

  private static byte[] labels(int images) {
    int[] formula = FormulaWeights.labels(images, SIZE, SIZE, true);
    byte[] labels = new byte[formula.length];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = (byte) formula[i];
    }
    int last = (images - 1) * SIZE * SIZE;
    Arrays.fill(labels, last, labels.length, (byte) 255);
    labels[last] = 3;
    return labels;
  }

  private static NDArray targets(NDManager scope, byte[] labels, int images) {
    int[] targets = new int[labels.length];
    for (int i = 0; i < targets.length; i++) {
      targets[i] = labels[i] & 0xFF;
    }
    return scope.create(targets, new Shape(images, SIZE, SIZE)).toType(DataType.INT64, true);
  }
}
