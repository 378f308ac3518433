package io.cityseg.labels;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cityseg.image.ColorType;
import io.cityseg.image.GreyImage;
import io.cityseg.image.ImageCodec;
import io.cityseg.image.PngFile;
import io.cityseg.image.PngHeader;
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
  void drawTrainIds_whenValueIsLong_showsItsBeginning() {
    assertRefused(
        file(2, 2, object("x".repeat(100_000), "[0,0],[1,1]")),
        "unknown label '" + "x".repeat(60) + "...'");
  }

  @Test
  void drawTrainIds_whenCanvasIsAbsurd_refusesIt() {
    assertRefused(file(100_000, 100_000), "a.json has a size of 100000 x 100000 pixels");
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

  @Test
  void drawPng_whenEachEncoding_isTheFileOfThatEncoding() throws Exception {
    byte[] json = file(2, 1, object("car", "[0,0],[0,0]")).getBytes(UTF_8);
    byte[] trainIds = LabelImages.drawPng(json, "a", LabelEncoding.TRAIN_IDS);
    byte[] ids = LabelImages.drawPng(json, "a", LabelEncoding.IDS);
    byte[] colors = LabelImages.drawPng(json, "a", LabelEncoding.COLOR);
    GreyImage labelIds = ImageCodec.decodeGrey(ids, "a");
    assertThat(ImageCodec.decodeGrey(trainIds, "a").pixels()).containsExactly(13, -1);
    assertThat(labelIds.pixels()).containsExactly(26, 0);
    assertThat(PngFile.check(colors, "a")).isEqualTo(new PngHeader(2, 1, 8, ColorType.RGB_ALPHA));
    assertThat(LabelImages.recodePng(labelIds, "a", LabelEncoding.TRAIN_IDS)).isEqualTo(trainIds);
    assertThat(LabelImages.recodePng(labelIds, "a", LabelEncoding.IDS)).isEqualTo(ids);
    assertThat(LabelImages.recodePng(labelIds, "a", LabelEncoding.COLOR)).isEqualTo(colors);
  }

  private static GreyImage draw(int width, int height, String... objects) throws LabelException {
    return LabelImages.drawTrainIds(file(width, height, objects).getBytes(UTF_8), "a.json");
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
