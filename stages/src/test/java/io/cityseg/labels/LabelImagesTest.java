package io.cityseg.labels;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cityseg.image.Grey16Image;
import io.cityseg.image.GreyImage;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class LabelImagesTest {
  /** Pillow fills both border pixels of a span: 18 x 12, where Java2D would fill 17 x 11. */
  @Test
  void drawTrainIds_whenRectangle_fillsBothBorders() throws LabelException {
    var image = draw(32, 24, object("car", "[3,4],[20,4],[20,15],[3,15]"));
    for (int y = 0; y < 24; y++) {
      for (int x = 0; x < 32; x++) {
        boolean inside = x >= 3 && x <= 20 && y >= 4 && y <= 15;
        assertThat(image.pixels()[y * 32 + x]).isEqualTo((byte) (inside ? 13 : 255));
      }
    }
  }

  /**
   * A golden picture, drawn in Python by the written rule of Pillow 13.0.0: without the rule for
   * flat tips the first and the last row would be a single pixel.
   */
  @Test
  void drawTrainIds_whenTipsAreFlat_drawsThemAsPillowDoes() throws LabelException {
    var image = draw(14, 5, object("car", "[0,0],[12,2],[6,2],[13,4]"));
    assertThat(text(image))
        .isEqualTo(
            """
            ###...........
            ...####.......
            ......#######.
            ..........#...
            ...........###
            """);
  }

  @Test
  void drawTrainIds_whenObjectsOverlap_lastOneWinsVoidToo() throws LabelException {
    var image =
        draw(
            4,
            1,
            object("road", "[0,0],[3,0]"),
            object("static", "[1,0],[2,0]"),
            object("cargroup", "[2,0],[2,0]"),
            object("license plate", "[0,0],[3,0]"));
    assertThat(image.pixels()).containsExactly(0, -1, 13, 0);
  }

  @Test
  void drawTrainIds_whenDeleted_isNotDrawnNorLookedUp() throws LabelException {
    var image = draw(2, 1, "{\"label\":\"tree\",\"polygon\":[[0,0]],\"deleted\":1}");
    assertThat(image.pixels()).containsExactly(-1, -1);
  }

  @Test
  void drawTrainIds_whenSizeComesLast_isReadAllTheSame() throws LabelException {
    String json =
        "{\"objects\":[" + object("road", "[0,0],[0,0]") + "],\"imgHeight\":1,\"imgWidth\":2}";
    assertThat(LabelImages.drawTrainIds(json.getBytes(UTF_8), "a.json").pixels())
        .containsExactly(0, -1);
  }

  @Test
  void drawTrainIds_whenLabelIsUnknown_namesFileLabelAndPlace() {
    assertRefused(
        file(2, 2, object("tree", "[0,0],[1,1]")),
        "a.json has an object of the unknown label 'tree' (line 1, column ");
  }

  @Test
  void drawTrainIds_whenCanvasIsAbsurd_refusesIt() {
    assertRefused(file(100_000, 100_000), "a.json has a size of 100000 x 100000 pixels");
    assertRefused(
        file(1_000_000_000, 1_000_000_000), "a.json has a size of 1000000000 x 1000000000 pixels");
    assertRefused(file(16_384, 16_384), "a.json has a size of 16384 x 16384 pixels");
    assertRefused("{\"imgWidth\":4294967297,\"imgHeight\":1,\"objects\":[]}", "it is 4294967297");
  }

  @Test
  void drawTrainIds_whenCoordinateIsNoNumberOfPixels_refusesIt() {
    assertRefused(file(2, 2, object("car", "[NaN,0],[1,1]")), "Non-standard token 'NaN'");
    assertRefused(file(2, 2, object("car", "[Infinity,0],[1,1]")), "is not a whole JSON file");
    assertRefused(file(2, 2, object("car", "[1e400,0],[1,1]")), "the coordinate 1e400 is beyond");
    assertRefused(file(2, 2, object("car", "[3000000000,0],[1,1]")), "coordinate 3000000000 is");
    assertRefused(file(2, 2, object("car", "[-2000000000,0],[1,1]")), "coordinate -2000000000 is");
    assertRefused(file(2, 2, object("car", "[1,0,2],[1,1]")), "it goes on with 2");
  }

  @Test
  void drawTrainIds_whenNestedDeeply_refusesIt() {
    assertRefused("{\"user\":" + "[".repeat(100_000), "a.json is not a whole JSON file: ");
  }

  /** Every value that is not what it must be, and what a parser may choke on. */
  @Test
  void drawTrainIds_whenValuesAreHostile_refusesThemByName() {
    String car = object("car", "[0,0],[1,0],[1,1]");
    assertRefused("", "is not a JSON file: it is empty");
    assertRefused("null", "must hold one JSON object");
    assertRefused(file(1, 1, car) + "{}", "there is text after its end");
    assertRefused(file(1, 1, "{\"label\":\"car\"}"), "lacks the key polygon");
    assertRefused(file(1, 1, "7"), "an entry of objects must be an object");
    assertRefused(file(1, 1, object("car", "[0,0],7")), "a point must be a list of two numbers");
    assertRefused(file(1, 1, object("car", "[0,0],[1]")), "a coordinate must be a number");
    assertRefused(file(1, 1, object("car", "[0,0],[1,0,0]")), "it goes on with 0");
    assertRefused(file(1, 1, object("car", "[0,0],[\"1\",0]")), "must be a number, it is 1");
    for (String number : List.of("NaN", "Infinity", "-Infinity", "0x10", "1e", "--1")) {
      assertRefused(
          file(1, 1, object("car", "[0,0],[%s,0]".formatted(number))), "is not a whole JSON file");
    }
    for (String number : List.of("1e999", "-1e400", "1e10", "9".repeat(500))) {
      assertRefused(file(1, 1, object("car", "[0,0],[%s,0]".formatted(number))), "is beyond");
    }
    assertRefused(
        file(1, 1, object("car", "[0,0],[%s,0]".formatted("9".repeat(100_000)))),
        "is not a whole JSON file");
    assertRefused(file(1, 1, object("x".repeat(2_000_000), "[0,0],[1,0]")), "not a whole JSON");
    assertRefused("{\"" + "k".repeat(2_000_000) + "\":1}", "is not a whole JSON file");
    assertRefused("{\"a\":".repeat(50_000), "is not a whole JSON file");
    for (String side : List.of("1.0", "\"1\"", "-1", "99999999999", "null", "[1]", "1e9")) {
      assertRefused(
          "{\"imgWidth\":%s,\"imgHeight\":1,\"objects\":[]}".formatted(side),
          "imgWidth must be a number of pixels");
    }
    assertRefused("{\"imgWidth\":1,\"imgHeight\":1,\"objects\":{}}", "objects must be a list");
  }

  /** As Python's json: the last one counts. */
  @Test
  void drawTrainIds_whenKeysComeTwice_takesTheLast() throws LabelException {
    String car = object("car", "[0,0],[0,0]");
    String twice =
        "{\"imgWidth\":9,\"imgWidth\":2,\"imgHeight\":1,\"objects\":[7e9],\"objects\":[%s]}"
            .formatted(car.replace("\"car\"", "\"sky\",\"label\":\"car\""));
    assertRefused(twice, "an entry of objects must be an object");
    GreyImage image =
        LabelImages.drawTrainIds(twice.replace("[7e9]", "[]").getBytes(UTF_8), "a.json");
    assertThat(image).isEqualTo(new GreyImage(1, 2, new byte[] {13, -1}));
  }

  /** Made with json2instanceImg; see the resource. */
  @Test
  void drawInstances_whenGolden_givesTheToolsNumbers() throws Exception {
    JsonNode golden;
    try (InputStream in = getClass().getResourceAsStream("instances.json")) {
      golden = new ObjectMapper().readTree(in);
    }
    byte[] json = golden.get("annotation").toString().getBytes(UTF_8);
    assertThat(LabelImages.drawInstanceIds(json, "a.json")).isEqualTo(image(golden, "instanceIds"));
    assertThat(LabelImages.drawInstanceTrainIds(json, "a.json"))
        .isEqualTo(image(golden, "instanceTrainIds"));
  }

  /** Pillow 12.3.0 saves 33 * 1000 + 40000 as 65535. */
  @Test
  void drawInstanceIds_whenNumberNeedsMoreThan16Bits_isCutOffAsPillowDoes() throws LabelException {
    String[] objects = new String[32_537];
    Arrays.fill(objects, object("bicycle", "[0,0],[0,0]"));
    objects[0] = object("bicycle", "[1,0],[1,0]");
    assertThat(LabelImages.drawInstanceIds(file(2, 1, objects).getBytes(UTF_8), "a").pixels())
        .containsExactly((short) 65_535, (short) 33_000);
  }

  @Test
  void drawTrainIds_whenAMillionVertices_drawsOrRefusesWithinSeconds() {
    StringBuilder points = new StringBuilder("[0,0]");
    for (int i = 1; i < 1_000_000; i++) {
      points.append(i % 2 == 0 ? ",[0,0]" : ",[1000,1000]");
    }
    assertRefused(
        file(1000, 1000, object("car", points.toString())), "its polygons need more than");
  }

  @Test
  void colors_whenLabelIds_areTheLabelsOwn() throws LabelException {
    var ids = new GreyImage(1, 2, new byte[] {7, 5});
    assertThat(LabelImages.colors(ids, "a.png").pixels())
        .containsExactly((byte) 128, (byte) 64, (byte) 128, (byte) 111, (byte) 74, (byte) 0);
  }

  @Test
  void trainIds_whenLabelIds_mapsThemByTheTable() throws LabelException {
    var ids = new GreyImage(1, 5, new byte[] {0, 7, 33, 29, 18});
    assertThat(LabelImages.trainIds(ids, "a.png").pixels()).containsExactly(-1, 0, 18, -1, -1);
  }

  @Test
  void trainIds_whenIdIsNotInTheTable_namesFileValueAndPlace() {
    var ids = new GreyImage(2, 2, new byte[] {0, 7, -1, 0});
    assertThatThrownBy(() -> LabelImages.trainIds(ids, "a.png"))
        .isInstanceOf(LabelException.class)
        .hasMessage("a.png has the id 255 at column 0, row 1; the ids of Cityscapes are 0 to 33");
  }

  private static GreyImage draw(int width, int height, String... objects) throws LabelException {
    return LabelImages.drawTrainIds(file(width, height, objects).getBytes(UTF_8), "a.json");
  }

  private static Grey16Image image(JsonNode golden, String key) {
    JsonNode rows = golden.get(key);
    int width = rows.get(0).size();
    short[] pixels = new short[rows.size() * width];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (short) rows.get(i / width).get(i % width).intValue();
    }
    return new Grey16Image(rows.size(), width, pixels);
  }

  private static void assertRefused(String json, String message) {
    assertThatThrownBy(() -> LabelImages.drawTrainIds(json.getBytes(UTF_8), "a.json"))
        .isInstanceOf(LabelException.class)
        .hasMessageStartingWith("a.json ")
        .hasMessageContaining(message);
  }

  private static String file(int width, int height, String... objects) {
    return "{\"imgWidth\":%d,\"imgHeight\":%d,\"objects\":[%s]}"
        .formatted(width, height, String.join(",", objects));
  }

  private static String object(String label, String points) {
    return "{\"label\":\"%s\",\"polygon\":[%s]}".formatted(label, points);
  }

  private static String text(GreyImage image) {
    StringBuilder text = new StringBuilder();
    for (int y = 0; y < image.height(); y++) {
      for (int x = 0; x < image.width(); x++) {
        text.append(image.pixels()[y * image.width() + x] == -1 ? '.' : '#');
      }
      text.append('\n');
    }
    return text.toString();
  }
}
