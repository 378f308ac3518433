package io.cityseg.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.cityseg.image.GreyImage;
import io.cityseg.image.PixelSize;
import io.cityseg.image.RgbImage;
import io.cityseg.model.FormulaWeights;
import io.cityseg.model.Safetensors;
import io.cityseg.model.SegmentationNetwork;
import io.cityseg.model.Tensor;
import io.cityseg.proto.EvaluateConfig;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * {@code evaluate.input}, {@code scales}, {@code flip}, {@code window} and {@code window_stride}
 * against PyTorch: predictions.json was made by {@code infra/parity/evaluate/make_golden.py}, in
 * double precision; where two classes are too close to each other it says nothing.
 */
class FullSizeParityTest {
  private static final int CLASSES = 20;
  private static final PixelSize IMAGE = new PixelSize(70, 90);
  private static final PixelSize TRAINING_SIZE = new PixelSize(40, 56);

  @TempDir static Path folder;
  private static SegmentationNetwork network;

  @BeforeAll
  static void load() throws Exception {
    JsonNode bias = golden().get("bias");
    float[] values = new float[CLASSES];
    for (int c = 0; c < CLASSES; c++) {
      values[c] = (float) bias.get(c).asDouble();
    }
    Map<String, Tensor> tensors = FormulaWeights.all();
    tensors.put("classifier.4.bias", Tensor.of(values, (long) CLASSES));
    Path file = folder.resolve("weights.safetensors");
    Safetensors.write(file, tensors);
    network = SegmentationNetwork.load(file, "deeplabv3_resnet50", CLASSES, Device.cpu());
    network.freeze();
  }

  @AfterAll
  static void close() {
    network.close();
  }

  static List<JsonNode> cases() throws Exception {
    List<JsonNode> cases = new ArrayList<>();
    golden().get("cases").forEach(cases::add);
    return cases;
  }

  @Test
  void cases_ofTheFile_useEveryOption() throws Exception {
    assertThat(cases()).hasSize(6);
    assertThat(cases()).anyMatch(one -> one.get("flip").asBoolean());
    assertThat(cases()).anyMatch(one -> one.get("scales").size() > 1);
    assertThat(cases()).anyMatch(one -> !one.get("window").asText().isEmpty());
    assertThat(cases()).anyMatch(one -> one.get("input").asText().equals("original"));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void predict_withOptions_choosesTheClassesOfPyTorch(JsonNode golden) throws Exception {
    boolean original = golden.get("input").asText().equals("original");
    EvaluateConfig.Builder config =
        DrawnDataSet.config("cityscapes")
            .setInput(original ? "original" : "training")
            .clearScales()
            .setFlip(golden.get("flip").asBoolean())
            .setWindow(golden.get("window").asText())
            .setWindowStride(golden.get("stride").asText());
    golden.get("scales").forEach(scale -> config.addScales(scale.asDouble()));

    GreyImage predicted =
        new FullSizePredictor(network, FullSizeOptions.of(config.build(), TRAINING_SIZE))
            .predict(image(), "a drawing");

    String classes = golden.get("classes").asText();
    assertThat(classes).hasSize(IMAGE.height() * IMAGE.width());
    StringBuilder found = new StringBuilder();
    for (int i = 0; i < classes.length(); i++) {
      found.append(classes.charAt(i) == '.' ? '.' : (char) ('a' + predicted.pixels()[i]));
    }
    assertThat(found.toString()).isEqualTo(classes);
    assertThat(classes.chars().filter(c -> c == '.').count())
        .as("pixels that are not compared")
        .isLessThan(classes.length() / 50);
    assertThat(classes.chars().filter(c -> c != '.').distinct().count())
        .as("classes predicted")
        .isGreaterThan(3);
  }

  private static JsonNode golden() throws Exception {
    try (InputStream in = FullSizeParityTest.class.getResourceAsStream("predictions.json")) {
      return JsonMapper.builder().build().readTree(in);
    }
  }

  /** The same as make_golden.py's. */
  private static RgbImage image() {
    byte[] pixels = new byte[IMAGE.height() * IMAGE.width() * 3];
    for (int i = 0; i < pixels.length; i++) {
      int x = i / 3 % IMAGE.width();
      int y = i / 3 / IMAGE.width();
      pixels[i] = (byte) (x / 15 * 60 + y / 20 * 90 + i % 3 * 40 + (i * 7919) % 37);
    }
    return new RgbImage(IMAGE.height(), IMAGE.width(), pixels);
  }
}
