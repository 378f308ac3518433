package io.cityseg.export;

import static org.assertj.core.api.Assertions.assertThat;

import io.cityseg.proto.ArtifactRef;
import io.cityseg.proto.HeadlineMetric;
import io.cityseg.proto.RunRecord;
import io.cityseg.store.ArtifactStore;
import io.cityseg.store.LocalObjects;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricsExportTest {
  @TempDir Path folder;

  @Test
  void write_whenInstanceScoresAreNotAvailable_hasNoNumberForThem() throws Exception {
    String tensorboard = written(MetricsFormat.TENSORBOARD, HeadlineMetric.newBuilder());
    String json = written(MetricsFormat.JSON, HeadlineMetric.newBuilder());

    assertThat(tensorboard)
        .contains("evaluate/cityscapes/mean_iou", "evaluate/cityscapes/mean_category_iou")
        .doesNotContain("instance", "boundary");
    assertThat(json).contains("\"mean_category_iou\": 0.625").doesNotContain("instance");
  }

  @Test
  void write_byTheOfficialMeasure_hasAllItsScores() throws Exception {
    HeadlineMetric.Builder metric =
        HeadlineMetric.newBuilder()
            .setMeanInstanceIou(0.5)
            .setMeanCategoryInstanceIou(0.25)
            .setMeanBoundaryIou(0.125);

    assertThat(written(MetricsFormat.TENSORBOARD, metric))
        .contains(
            "evaluate/cityscapes/mean_instance_iou",
            "evaluate/cityscapes/mean_category_instance_iou",
            "evaluate/cityscapes/mean_boundary_iou");
    assertThat(written(MetricsFormat.JSON, metric)).contains("\"mean_boundary_iou\": 0.125");
  }

  private String written(MetricsFormat format, HeadlineMetric.Builder metric) throws Exception {
    metric
        .setSubject("epoch 1")
        .setMeasure("cityscapes")
        .setMeanIou(0.75)
        .setMeanCategoryIou(0.625)
        .setCheckpoint(ArtifactRef.newBuilder().setSha256("ab"));
    RunRecord run =
        RunRecord.newBuilder().setId("a run").setStartedAtMillis(1).addMetrics(metric).build();
    ArtifactStore store = new ArtifactStore(LocalObjects.open(folder.resolve("store")));
    Path file = MetricsExport.of(run, store).write(format, folder.resolve("out")).get(0);
    return Files.readString(file, StandardCharsets.ISO_8859_1);
  }
}
