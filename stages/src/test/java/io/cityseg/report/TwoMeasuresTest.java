package io.cityseg.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.cityseg.proto.BoundaryPixels;
import io.cityseg.proto.CityscapesMetrics;
import io.cityseg.proto.EvaluationManifest;
import io.cityseg.proto.LabelScore;
import io.cityseg.proto.ReportManifest;
import io.cityseg.stage.StageException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the report makes of evaluations by the official measure, beside paper or alone. */
class TwoMeasuresTest {
  @TempDir Path folder;
  private MadeUpRun run;

  @BeforeEach
  void split() throws Exception {
    run = new MadeUpRun(folder).withSplits();
  }

  private MadeUpRun both(long withoutInstances) throws Exception {
    EvaluationManifest.Builder baseline =
        run.evaluation("baseline", 0.05).setCityscapes(run.cityscapes(0.02, withoutInstances));
    run.with("baseline", run.store().putManifest(baseline.build()));
    return run.withCheckpoint(
        "epoch 1",
        run.evaluation("epoch 1", 0.9).setCityscapes(run.cityscapes(0.625, withoutInstances)));
  }

  @Test
  void html_withBothMeasures_hasATableForEach() throws Exception {
    ParsedPage page = page(both(0).report());

    assertThat(page.texts("h2"))
        .containsSubsequence("Baseline and checkpoints", "IoU by class", "By the official measure");
    assertThat(page.texts("caption"))
        .contains(
            "By the paper measure: 20 classes, void counted, at 128x256",
            "By the cityscapes measure: 19 classes, void ignored, at full resolution",
            "IoU and iIoU by class (measure: cityscapes)",
            "IoU and iIoU by category (measure: cityscapes)");
    assertThat(page.texts("p"))
        .anyMatch(
            text ->
                text.startsWith("epoch 1 reaches 62.5 % mIoU (cityscapes measure: 19 classes")
                    && text.contains("60.5 points above"))
        .contains("Predicted from: input at the images' own size, mirrored too, whole images.");
    assertThat(page.texts("td")).contains("31.25 %", "66.50 %", "15.63 %");
    assertThat(page.texts("h3")).contains("The measure: paper", "The measure: cityscapes");
  }

  @Test
  void files_whenInstancesAreMissing_sayNotAvailableAndNeverZero() throws Exception {
    ReportManifest report = both(3).report();

    ParsedPage page = page(report);
    assertThat(page.texts("p"))
        .contains("iIoU is not available (n/a): 3 of 12 images have no *_gtFine_instanceIds.png.");
    assertThat(page.texts("td")).contains("n/a").doesNotContain("0.00 %");
    JsonNode official = json(report).at("/checkpoints/0/cityscapes");
    assertThat(official.get("meanInstanceIou").isNull()).isTrue();
    assertThat(official.get("meanCategoryInstanceIou").isNull()).isTrue();
    assertThat(official.at("/classes/11/instanceIou").isNull()).isTrue();
    assertThat(official.get("meanIou").asDouble()).isEqualTo(0.625);
    assertThat(official.get("deltaMeanIou").asDouble()).isEqualTo(0.625 - 0.02);
    assertThat(csv(report))
        .contains("epoch 1,cityscapes,11,person,0.625,238,238,class,n/a")
        .contains("epoch 1,cityscapes,,human,0.625,,,category,n/a");
  }

  @Test
  void files_withBoundaryScores_haveAColumnAndATableOfThem() throws Exception {
    run.with("baseline", run.store().putManifest(withBoundaries("baseline", 0.02).build()));
    run.withCheckpoint("epoch 1", withBoundaries("epoch 1", 0.6));

    ReportManifest report = run.report();

    ParsedPage page = page(report);
    assertThat(page.texts("caption")).contains("Boundary IoU by class (measure: cityscapes)");
    assertThat(page.texts("th")).contains("Boundary IoU", "epoch\u00a01, iIoU");
    assertThat(page.texts("td")).contains("37.50 %", "37.5 %");
    assertThat(page.texts("p"))
        .anyMatch(text -> text.contains("within 2.0 % of the image's diagonal"));
    JsonNode official = json(report).at("/checkpoints/0/cityscapes");
    assertThat(official.get("meanBoundaryIou").asDouble()).isEqualTo(0.375);
    assertThat(official.get("boundaryDilationRatio").asDouble()).isEqualTo(0.02);
    assertThat(official.at("/classes/0/boundaryIou").asDouble()).isEqualTo(0.375);
    assertThat(official.at("/classes/16/boundaryIou").isNull()).isTrue();
    assertThat(official.at("/categories/0").has("boundaryIou")).isFalse();
    assertThat(official.at("/boundaryPixels/intersections/7").asLong()).isEqualTo(3);
    assertThat(official.at("/boundaryPixels/unions/7").asLong()).isEqualTo(8);
    assertThat(csv(report))
        .startsWith(
            "subject,measure,class_index,class,iou,target_pixels,predicted_pixels,level,instance_iou,boundary_iou")
        .contains("epoch 1,cityscapes,0,road,0.6,238,238,class,,0.375")
        .contains("epoch 1,cityscapes,16,train,,238,238,class,,")
        .contains("epoch 1,cityscapes,,flat,0.6,,,category,,");
  }

  @Test
  void files_withoutBoundaryScores_doNotMentionThem() throws Exception {
    ReportManifest report = both(0).report();

    assertThat(new String(run.store().read(report.getHtml()), StandardCharsets.UTF_8))
        .doesNotContainIgnoringCase("boundary");
    assertThat(new String(run.store().read(report.getMetricsJson()), StandardCharsets.UTF_8))
        .doesNotContainIgnoringCase("boundary");
    assertThat(String.join("", csv(report))).doesNotContainIgnoringCase("boundary");
  }

  @Test
  void run_whenOnlyOneEvaluationHasBoundaryScores_isRefused() throws Exception {
    run.with("baseline", run.store().putManifest(run.cityscapesAlone("baseline", 0.02).build()));
    run.withCheckpoint("epoch 1", withBoundaries("epoch 1", 0.6));

    assertThatThrownBy(run::report)
        .isInstanceOf(StageException.class)
        .hasMessageContaining(
            "evaluation of 'epoch 1' has boundary scores, and that of the baseline has none");
  }

  private EvaluationManifest.Builder withBoundaries(String subject, double skill) throws Exception {
    EvaluationManifest.Builder evaluation = run.cityscapesAlone(subject, skill);
    CityscapesMetrics.Builder metrics = evaluation.getCityscapesBuilder();
    metrics
        .setBoundary(
            BoundaryPixels.newBuilder()
                .addAllIntersections(Collections.nCopies(34, 3L))
                .addAllUnions(Collections.nCopies(34, 8L)))
        .setBoundaryDilationRatio(0.02)
        .setMeanBoundaryIou(0.375);
    metrics.getClassesBuilderList().stream()
        .filter(LabelScore.Builder::hasIou)
        .forEach(score -> score.setBoundaryIou(0.375));
    return evaluation;
  }

  @Test
  void files_withBothMeasures_labelEveryNumber() throws Exception {
    ReportManifest report = both(0).report();

    JsonNode json = json(report);
    assertThat(json.get("measure").asText()).isEqualTo("paper");
    assertThat(json.at("/checkpoints/0/meanIou").asDouble())
        .isEqualTo(run.evaluation("epoch 1", 0.9).getMeanIou());
    assertThat(json.at("/checkpoints/0/cityscapes/categories/5/instanceIou").asDouble())
        .isEqualTo(0.15625);
    assertThat(json.at("/checkpoints/0/cityscapes/classes/0/instanceIou").isNull()).isTrue();
    assertThat(csv(report))
        .hasSize(1 + 2 * (20 + 19 + 7))
        .startsWith(
            "subject,measure,class_index,class,iou,target_pixels,predicted_pixels,level,instance_iou")
        .contains("epoch 1,cityscapes,13,car,0.625,238,238,class,0.3125")
        .contains("epoch 1,cityscapes,0,road,0.625,238,238,class,")
        .contains("epoch 1,cityscapes,16,train,,238,238,class,");
  }

  @Test
  void html_withTheOfficialMeasureAlone_comparesByIt() throws Exception {
    run.with("baseline", run.store().putManifest(run.cityscapesAlone("baseline", 0.02).build()));
    run.withCheckpoint("epoch 1", run.cityscapesAlone("epoch 1", 0.6));

    ReportManifest report = run.report();

    ParsedPage page = page(report);
    assertThat(page.texts("h2"))
        .containsExactly("By the official measure", "What it was made from");
    assertThat(page.texts("p").get(0))
        .startsWith("epoch 1 reaches 60.0 % mIoU (cityscapes measure");
    assertThat(json(report).get("measure").isNull()).isTrue();
    assertThat(json(report).at("/checkpoints/0/meanIou").isNull()).isTrue();
    assertThat(csv(report)).hasSize(1 + 2 * (19 + 7)).noneMatch(line -> line.contains(",paper,"));
  }

  @Test
  void run_whenMeasuresDiffer_isRefused() throws Exception {
    run.withBaseline(0.1).withCheckpoint("epoch 1", run.cityscapesAlone("epoch 1", 0.6));

    assertThatThrownBy(run::report)
        .isInstanceOf(StageException.class)
        .hasMessageContaining(
            "evaluation of 'epoch 1' has the measures [cityscapes] (must be those of the baseline, [paper])");
  }

  @Test
  void run_whenPredictionsWereMadeDifferently_isRefused() throws Exception {
    run.with("baseline", run.store().putManifest(run.cityscapesAlone("baseline", 0.02).build()));
    EvaluationManifest.Builder other = run.cityscapesAlone("epoch 1", 0.6);
    other.getCityscapesBuilder().setPrediction("whole images");
    run.withCheckpoint("epoch 1", other);

    assertThatThrownBy(run::report)
        .isInstanceOf(StageException.class)
        .hasMessageContaining("from 'whole images'");
  }

  private ParsedPage page(ReportManifest report) throws Exception {
    return ParsedPage.parse(run.store().read(report.getHtml()));
  }

  private JsonNode json(ReportManifest report) throws Exception {
    return JsonMapper.builder().build().readTree(run.store().read(report.getMetricsJson()));
  }

  private List<String> csv(ReportManifest report) throws Exception {
    String text = new String(run.store().read(report.getClassesCsv()), StandardCharsets.UTF_8);
    return List.of(text.split("\r\n"));
  }
}
