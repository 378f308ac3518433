package io.cityseg.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cityseg.proto.ReportManifest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricsFilesTest {
  private static final String SUBJECT = "a \"b\", c\nd";

  @TempDir Path folder;
  private MadeUpRun run;
  private JsonNode json;
  private String csv;

  @BeforeEach
  void report() throws Exception {
    run = new MadeUpRun(folder).withSplits().withHistory(2).withBaseline(0.05);
    run.withCheckpoint(SUBJECT, 0.9);
    ReportManifest report = run.report();
    json = new ObjectMapper().readTree(run.store().read(report.getMetricsJson()));
    csv = new String(run.store().read(report.getClassesCsv()), StandardCharsets.UTF_8);
  }

  @Test
  void json_always_hasTheDocumentedKeys() {
    assertThat(keys(json))
        .containsExactly("measure", "split", "baseline", "checkpoints", "history");
    assertThat(keys(json.get("split"))).containsExactly("items", "height", "width", "sha256");
    List<String> evaluation =
        List.of(
            "subject",
            "checkpoint",
            "evaluation",
            "meanIou",
            "pixelAccuracy",
            "deltaMeanIou",
            "classes",
            "images",
            "confusionMatrix");
    assertThat(keys(json.get("baseline"))).isEqualTo(evaluation);
    assertThat(keys(json.get("checkpoints").get(0))).isEqualTo(evaluation);
    assertThat(keys(json.at("/baseline/classes/0")))
        .containsExactly("index", "name", "iou", "targetPixels", "predictedPixels");
    assertThat(keys(json.at("/baseline/images/0")))
        .containsExactly("id", "meanIou", "pixelAccuracy");
    assertThat(keys(json.at("/history/1")))
        .containsExactly(
            "epoch",
            "steps",
            "trainLoss",
            "trainMeanIou",
            "valLoss",
            "valMeanIou",
            "valPixelAccuracy",
            "learningRate",
            "checkpoint");
  }

  @Test
  void json_whenAClassIsAbsent_holdsNull() {
    assertThat(json.at("/baseline/classes/" + MadeUpRun.ABSENT + "/iou").isNull()).isTrue();
    assertThat(json.at("/baseline/classes/0/iou").isDouble()).isTrue();
  }

  @Test
  void json_always_holdsTheNumbersInFullPrecision() throws Exception {
    double baseline = run.evaluation("baseline", 0.05).getMeanIou();
    double checkpoint = run.evaluation(SUBJECT, 0.9).getMeanIou();

    assertThat(json.at("/checkpoints/0/subject").asText()).isEqualTo(SUBJECT);
    assertThat(json.at("/checkpoints/0/meanIou").asDouble()).isEqualTo(checkpoint);
    assertThat(json.at("/checkpoints/0/deltaMeanIou").asDouble()).isEqualTo(checkpoint - baseline);
    assertThat(json.at("/checkpoints/0/confusionMatrix").size()).isEqualTo(20);
    assertThat(json.at("/checkpoints/0/confusionMatrix/3/3").asLong())
        .isEqualTo(run.evaluation(SUBJECT, 0.9).getConfusion().getCounts(3 * 20 + 3));
  }

  @Test
  void csv_always_hasALinePerEvaluationAndClass() {
    List<String> lines = List.of(csv.split("\r\n", -1));

    assertThat(lines).hasSize(1 + 2 * 20 + 1).last().isEqualTo("");
    assertThat(lines.get(0))
        .isEqualTo("subject,measure,class_index,class,iou,target_pixels,predicted_pixels");
    assertThat(lines.get(1 + MadeUpRun.ABSENT)).isEqualTo("baseline,paper,16,train,,0,0");
    assertThat(lines.get(21)).startsWith("\"a \"\"b\"\", c\nd\",paper,0,road,0.");
  }

  private static List<String> keys(JsonNode node) {
    Iterable<String> names = node::fieldNames;
    return StreamSupport.stream(names.spliterator(), false).toList();
  }
}
