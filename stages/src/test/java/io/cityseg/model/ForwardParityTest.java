package io.cityseg.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The network computes what torchvision's computes, layer by layer. */
class ForwardParityTest {
  private static final double LAYER = 1e-4;
  private static final double LOGIT = 2e-5;

  @TempDir static Path folder;
  private static SegmentationNetwork network;

  @BeforeAll
  static void load() throws Exception {
    // On a machine that others use, the threads of one operation wait for each other.
    TorchEngine.threads(1);
    Path file = folder.resolve("formula.safetensors");
    Safetensors.write(file, FormulaWeights.all());
    network = SegmentationNetwork.load(file, "deeplabv3_resnet50", 20, Device.cpu());
  }

  @AfterAll
  static void close() {
    network.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"1x3x33x33", "1x3x40x328"})
  void forward_whenEvaluating_givesTorchvisionsValues(String size) throws Exception {
    compare(size, golden().get("inputs").get(size));
  }

  @ParameterizedTest
  @ValueSource(strings = {"1x3x33x33", "1x3x40x328", "1x3x65x97", "2x3x64x128"})
  void forward_whenEvaluating_givesTorchvisionsValuesInEveryLayer(String size) throws Exception {
    Path file = Oracle.folder("model").resolve("forward_" + size + ".json");
    compare(size, new ObjectMapper().readTree(file.toFile()).get("layers"));
  }

  @Test
  void forward_whenAuxIsNotAskedFor_doesNotComputeIt() {
    List<String> seen = new ArrayList<>();
    try (NDManager step = network.manager().newSubManager();
        NDArray input = input(step, "1x3x33x33");
        Logits logits =
            network.forward(
                input, false, new Pass(network.state(), false, (name, y) -> seen.add(name)))) {
      assertThat(logits.aux()).isNull();
      assertThat(seen).contains("out").noneMatch(name -> name.startsWith("aux"));
      assertThat(step.getManagedArrays()).as("arrays left open").hasSize(2);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"1x3x33x33", "1x3x40x328"})
  void forward_whenFrozen_givesTorchvisionsLogits(String size) throws Exception {
    network.freeze();
    try (NDManager step = network.manager().newSubManager();
        NDArray input = input(step, size);
        Logits logits = network.forward(input, false, true)) {
      JsonNode layers = golden().get("inputs").get(size);
      compare("out", layers.get("out"), logits.out().toFloatArray());
      compare("aux", layers.get("aux"), logits.aux().toFloatArray());
    } finally {
      network.thaw();
    }
  }

  @Test
  void forward_whenFrozenNetworkIsTrained_isRefused() {
    network.freeze();
    try (NDManager step = network.manager().newSubManager();
        NDArray input = step.zeros(new Shape(2, 3, 32, 32))) {
      assertThatThrownBy(() -> network.forward(input, true, true))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("thaw");
    } finally {
      network.thaw();
    }
  }

  private static void compare(String size, JsonNode layers) {
    Map<String, float[]> outputs = new LinkedHashMap<>();
    Map<String, long[]> shapes = new LinkedHashMap<>();
    Pass pass =
        new Pass(
            network.state(),
            false,
            (name, y) -> {
              outputs.put(name, y.toFloatArray());
              shapes.put(name, y.getShape().getShape());
            });
    try (NDManager step = network.manager().newSubManager();
        NDArray input = input(step, size);
        Logits logits = network.forward(input, true, pass)) {
      assertThat(logits.out().getShape()).isEqualTo(logits.aux().getShape());
    }
    List<String> unseen = new ArrayList<>();
    for (Map.Entry<String, JsonNode> layer : layers.properties()) {
      float[] output = outputs.get(layer.getKey());
      if (output == null) {
        unseen.add(layer.getKey());
      } else {
        assertThat(shapes.get(layer.getKey()))
            .as("shape of " + layer.getKey())
            .isEqualTo(
                new ObjectMapper().convertValue(layer.getValue().get("shape"), long[].class));
        compare(layer.getKey(), layer.getValue(), output);
      }
    }
    assertThat(unseen)
        .as("layers that were not compared: the activations of the heads, which are not shown")
        .isSubsetOf("classifier.3", "aux_classifier.2");
  }

  private static void compare(String layer, JsonNode want, float[] output) {
    double tolerance = layer.equals("out") || layer.equals("aux") ? LOGIT : LAYER;
    for (int i = 0; i < want.get("index").size(); i++) {
      int index = want.get("index").get(i).asInt();
      assertThat((double) output[index])
          .as("%s[%d]", layer, index)
          .isCloseTo(want.get("value").get(i).asDouble(), within(tolerance));
    }
  }

  private static NDArray input(NDManager manager, String size) {
    String[] sizes = size.split("x", -1);
    int n = Integer.parseInt(sizes[0]);
    int height = Integer.parseInt(sizes[2]);
    int width = Integer.parseInt(sizes[3]);
    return manager.create(
        FloatBuffer.wrap(FormulaWeights.input(n, height, width)), new Shape(n, 3, height, width));
  }

  private static JsonNode golden() throws IOException {
    try (InputStream in = ForwardParityTest.class.getResourceAsStream("forward.json")) {
      return new ObjectMapper().readTree(in);
    }
  }
}
