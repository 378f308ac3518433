package io.cityseg.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cityseg.image.GreyImage;
import java.io.InputStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

class BoundaryCounterTest {
  /** Made with OpenCV's erosion; see the resource. */
  @Test
  void count_whenGolden_isWhatOpenCvErodes() throws Exception {
    JsonNode golden;
    try (InputStream in = getClass().getResourceAsStream("boundary.json")) {
      golden = new ObjectMapper().readTree(in);
    }
    int classes = golden.get("classes").intValue();
    int ofVoid = golden.get("void").intValue();
    for (JsonNode image : golden.get("cases")) {
      double ratio = image.get("ratio").doubleValue();
      BoundaryCounter counter = new BoundaryCounter(classes, value -> value == ofVoid, ratio);
      GreyImage truth = image(image.get("truth"));
      for (int repeated = 0; repeated < 2; repeated++) {
        assertThat(counter.count(truth, image(image.get("prediction"))))
            .as("%s at %s", truth, ratio)
            .isEqualTo(
                new BoundaryCounts(
                    numbers(image.get("intersections")), numbers(image.get("unions"))));
      }
    }
  }

  /** int(round(0.02 * sqrt(h * h + w * w))), at least 1; Python rounds a half to even. */
  @Test
  void distance_whenFullSize_isThatOfThePaper() {
    assertThat(BoundaryCounter.distance(1024, 2048, 0.02)).isEqualTo(46);
    assertThat(BoundaryCounter.distance(30, 40, 0.05)).as("2.5").isEqualTo(2);
    assertThat(BoundaryCounter.distance(3, 4, 0.02)).isEqualTo(1);
  }

  @Test
  void plus_whenTwoImages_addsThem() {
    BoundaryCounts one = new BoundaryCounts(new long[] {1, 0}, new long[] {4, 0});
    BoundaryCounts two = new BoundaryCounts(new long[] {2, 0}, new long[] {2, 0});
    assertThat(one.plus(two).iou(0)).isEqualTo(0.5);
    assertThat(one.plus(two).iou(1)).isNaN();
    assertThatThrownBy(() -> one.plus(BoundaryCounts.none(3)))
        .hasMessage("Invalid boundary counts: 3 classes (must be 2)");
    assertThatThrownBy(() -> new BoundaryCounts(new long[] {2}, new long[] {1}))
        .hasMessage("Invalid boundary counts of class 0: intersection 2, union 1");
  }

  @Test
  void count_whenInputIsWrong_saysWhat() {
    GreyImage pixel = new GreyImage(1, 1, new byte[] {2});
    assertThatThrownBy(() -> new BoundaryCounter(2, value -> false, 0.02).count(pixel, pixel))
        .hasMessage("Invalid pixel 0: ground truth 2, prediction 2 (must be 0..1)");
    assertThatThrownBy(
            () ->
                new BoundaryCounter(3, value -> false, 0.02)
                    .count(pixel, new GreyImage(1, 2, new byte[2])))
        .hasMessage("Invalid prediction: 2 x 1 pixels for a ground truth of 1 x 1");
    assertThatThrownBy(() -> new BoundaryCounter(3, value -> false, Double.NaN))
        .hasMessage("Invalid dilation ratio: NaN (must be above 0, at most 1)");
    assertThatThrownBy(() -> new BoundaryCounter(256, value -> false, 0.02))
        .hasMessage("Invalid number of classes: 256 (must be 1 to 255)");
  }

  private static GreyImage image(JsonNode rows) {
    int width = rows.get(0).textValue().length();
    byte[] pixels = new byte[rows.size() * width];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) (rows.get(i / width).textValue().charAt(i % width) - '0');
    }
    return new GreyImage(rows.size(), width, pixels);
  }

  private static long[] numbers(JsonNode list) {
    return StreamSupport.stream(list.spliterator(), false).mapToLong(JsonNode::longValue).toArray();
  }
}
