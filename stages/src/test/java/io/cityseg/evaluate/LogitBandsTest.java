package io.cityseg.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.cityseg.image.PixelSize;
import io.cityseg.model.TorchEngine;
import java.io.InputStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Against torch's F.interpolate; interpolate.json says which values these are. */
class LogitBandsTest {
  static Stream<JsonNode> cases() throws Exception {
    try (InputStream in = LogitBandsTest.class.getResourceAsStream("interpolate.json")) {
      JsonNode cases = JsonMapper.builder().build().readTree(in).get("cases");
      return StreamSupport.stream(cases.spliterator(), false);
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void bands_ofAnySize_areTorchsInterpolation(JsonNode golden) throws Exception {
    int channels = golden.get("input").get(0).asInt();
    int height = golden.get("input").get(1).asInt();
    int width = golden.get("input").get(2).asInt();
    PixelSize size =
        new PixelSize(golden.get("output").get(0).asInt(), golden.get("output").get(1).asInt());
    float[] expectedAt = enlarged(channels, height, width, size);
    JsonNode values = golden.get("values");
    int step = golden.get("step").asInt();
    for (int i = 0; i < values.size(); i++) {
      assertThat((double) expectedAt[i * step])
          .as("value %d", i * step)
          .isCloseTo(values.get(i).asDouble(), within(2e-6));
    }
    assertThat((values.size() - 1) * step).isLessThan(expectedAt.length);
  }

  @Test
  void weights_whenSizesAreEqual_moveNothing() {
    assertThat(LogitBands.weights(3, 3, 0, 3)).containsExactly(1, 0, 0, 0, 1, 0, 0, 0, 1);
  }

  private static float[] enlarged(int channels, int height, int width, PixelSize size)
      throws Exception {
    float[] logits = new float[channels * height * width];
    for (int i = 0; i < logits.length; i++) {
      logits[i] = (float) ((i * 37 + 11) % 101 / 101.0 * 8 - 4);
    }
    float[] all = new float[channels * size.height() * size.width()];
    TorchEngine.threads(1);
    try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
        LogitBands bands =
            new LogitBands(manager.create(logits, new Shape(channels, height, width)), size)) {
      for (int band = 0; band < bands.count(); band++) {
        try (NDArray part = bands.band(band)) {
          int rows = (int) part.getShape().get(1);
          float[] values = part.toFloatArray();
          for (int c = 0; c < channels; c++) {
            System.arraycopy(
                values,
                c * rows * size.width(),
                all,
                (c * size.height() + bands.firstRow(band)) * size.width(),
                rows * size.width());
          }
        }
      }
    }
    return all;
  }
}
