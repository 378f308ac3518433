package io.cityseg.labels;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cityseg.image.ImageCodec;
import io.cityseg.image.Oracle;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

/** Every case of the polygon oracle: what cityscapesScripts 2.3.0 with Pillow 13.0.0 draws. */
class PolygonOracleTest {
  /** What the tool accepts because of Python, and no data set has. */
  private static final Set<String> REFUSED_QUIRKS = Set.of("0190", "0191", "0192", "0193");

  /** The oracle's names of errors, and what our messages say of them. */
  private static final Map<String, String> MESSAGES =
      Map.of(
          "unknown label", "unknown label",
          "too few points", "fewer than two",
          "missing key", "lacks the key",
          "bad structure", "is not an annotation file",
          "bad size", "imgHeight must be|a size of",
          "not JSON", "is not a (whole )?JSON file");

  @Test
  void draw_whenCaseOfTheOracle_givesTheToolsImageOrError() throws Exception {
    Path folder = Oracle.folder("polygons");
    Map<String, byte[]> expected = Oracle.entries(folder.resolve("expected.zip"));
    ObjectMapper mapper = new ObjectMapper();
    int images = 0;
    int errors = 0;
    for (String line : Files.readAllLines(folder.resolve("cases.jsonl"))) {
      JsonNode node = mapper.readTree(line);
      String text =
          node.has("text") ? node.get("text").textValue() : node.get("annotation").toString();
      byte[] json = text.getBytes(UTF_8);
      String id = node.get("id").textValue();
      if (node.has("error") || REFUSED_QUIRKS.contains(id)) {
        String message =
            node.has("error")
                ? MESSAGES.get(node.get("error").textValue())
                : "is not an annotation";
        assertThatThrownBy(() -> LabelImages.drawTrainIds(json, "case" + id))
            .isInstanceOf(LabelException.class)
            .hasMessageStartingWith("case" + id)
            .message()
            .containsPattern(message);
        errors++;
      } else {
        assertImages(id, json, node.get("images"), expected);
        images++;
      }
    }
    assertThat(images).isEqualTo(364);
    assertThat(errors).isEqualTo(36);
  }

  private static void assertImages(
      String id, byte[] json, JsonNode images, Map<String, byte[]> expected) throws Exception {
    byte[] trainIds = expected.get(images.get("trainIds").textValue());
    byte[] ids = expected.get(images.get("ids").textValue());
    var drawn = LabelImages.drawIds(json, id);
    assertThat(LabelImages.drawTrainIds(json, id))
        .as("trainIds of case %s", id)
        .isEqualTo(ImageCodec.decodeGrey(trainIds, id));
    assertThat(drawn).as("ids of case %s", id).isEqualTo(ImageCodec.decodeGrey(ids, id));
    assertThat(LabelImages.trainIds(drawn, id)).isEqualTo(LabelImages.drawTrainIds(json, id));
    if (images.has("color")) {
      assertThat(LabelImages.drawColors(json, id).pixels())
          .as("colours of case %s", id)
          .isEqualTo(rgb(expected.get(images.get("color").textValue())));
    }
  }

  private static byte[] rgb(byte[] rgba) throws IOException {
    Raster raster = ImageIO.read(new ByteArrayInputStream(rgba)).getRaster();
    assertThat(raster.getNumBands()).isEqualTo(4);
    byte[] rgb = new byte[raster.getHeight() * raster.getWidth() * 3];
    for (int i = 0; i < rgb.length; i++) {
      int pixel = i / 3;
      int x = pixel % raster.getWidth();
      rgb[i] = (byte) raster.getSample(x, pixel / raster.getWidth(), i % 3);
    }
    return rgb;
  }
}
