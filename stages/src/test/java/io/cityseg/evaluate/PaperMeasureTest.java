package io.cityseg.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cityseg.image.GreyImage;
import io.cityseg.image.ImageCodec;
import io.cityseg.labels.CityscapesLabels;
import io.cityseg.model.Oracle;
import io.cityseg.proto.ConfusionMatrix;
import io.cityseg.score.ConfusionCounts;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class PaperMeasureTest {
  private static final double TOLERANCE = 1e-12;

  @Test
  void of_whenNothingWasCounted_isEmpty() {
    PaperMeasure measure = PaperMeasure.of(new ConfusionCounts(3));
    assertThat(measure.classIou()).containsOnly(OptionalDouble.empty()).hasSize(3);
    assertThat(measure.meanIou()).isEmpty();
    assertThat(measure.pixelAccuracy()).isEmpty();
  }

  @Test
  void of_whenAClassIsOnlyPredicted_countsItWithZero() {
    ConfusionCounts counts = new ConfusionCounts(3);
    counts.add(new byte[] {0, 0, 0, 0}, new byte[] {0, 0, 0, 1});
    PaperMeasure measure = PaperMeasure.of(counts);
    assertThat(measure.classIou())
        .containsExactly(OptionalDouble.of(0.75), OptionalDouble.of(0), OptionalDouble.empty());
    assertThat(measure.meanIou()).hasValue(0.375);
    assertThat(measure.pixelAccuracy()).hasValue(0.75);
  }

  /** Made with torchmetrics 1.9's confusion matrix; see the resource. */
  @Test
  void of_whenCountsAreTorchmetrics_isItsMeasure() throws Exception {
    JsonNode cases;
    try (InputStream in = getClass().getResourceAsStream("metrics20.json")) {
      cases = new ObjectMapper().readTree(in).get("cases");
    }
    assertThat(cases).isNotEmpty();
    for (JsonNode golden : cases) {
      ConfusionMatrix.Builder matrix = ConfusionMatrix.newBuilder().setClasses(20);
      golden.get("confusionMatrix").forEach(row -> row.forEach(n -> matrix.addCounts(n.asLong())));
      check(golden, ConfusionCounts.of(matrix.build()));
    }
  }

  @Test
  void of_whenImagesOfTheOracleAreCounted_isTorchmetricsMeasure() throws Exception {
    Path folder = Oracle.folder("evaluation").resolve("metrics20");
    for (JsonNode golden : new ObjectMapper().readTree(folder.resolve("expected.json").toFile())) {
      ConfusionCounts whole = new ConfusionCounts(20);
      for (JsonNode image : golden.get("images")) {
        ConfusionCounts counts = new ConfusionCounts(20);
        counts.add(
            targets(folder.resolve(image.get("target").asText())),
            grey(folder.resolve(image.get("prediction").asText())).pixels());
        whole.merge(counts);
      }
      check(golden, whole);
      int cell = 0;
      for (JsonNode row : golden.get("confusionMatrix")) {
        for (JsonNode count : row) {
          assertThat(whole.count(cell / 20, cell % 20)).isEqualTo(count.asLong());
          cell++;
        }
      }
    }
  }

  private static void check(JsonNode golden, ConfusionCounts counts) {
    String name = golden.get("name").asText();
    PaperMeasure measure = PaperMeasure.of(counts);
    for (int c = 0; c < 20; c++) {
      JsonNode iou = golden.get("classIoU").get(c);
      if (iou.isNull()) {
        assertThat(measure.classIou().get(c)).as("IoU of %d in %s", c, name).isEmpty();
      } else {
        assertThat(measure.classIou().get(c).getAsDouble())
            .as("IoU of %d in %s", c, name)
            .isCloseTo(iou.asDouble(), within(TOLERANCE));
      }
    }
    assertThat(measure.meanIou().getAsDouble())
        .as("mean IoU in %s", name)
        .isCloseTo(golden.get("meanIoU").asDouble(), within(TOLERANCE));
    assertThat(measure.pixelAccuracy().getAsDouble())
        .as("pixel accuracy in %s", name)
        .isCloseTo(golden.get("pixelAccuracy").asDouble(), within(TOLERANCE));
  }

  private static byte[] targets(Path png) throws Exception {
    byte[] classes = grey(png).pixels().clone();
    for (int i = 0; i < classes.length; i++) {
      classes[i] = (byte) CityscapesLabels.classIndex(classes[i] & 0xFF);
    }
    return classes;
  }

  private static GreyImage grey(Path png) throws Exception {
    return ImageCodec.decodeGrey(Files.readAllBytes(png), png.toString());
  }
}
