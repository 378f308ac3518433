package io.cityseg.export;

import static org.assertj.core.api.Assertions.assertThat;

import io.cityseg.proto.ArtifactRef;
import io.cityseg.proto.EpochHistory;
import io.cityseg.proto.EpochMetrics;
import io.cityseg.proto.HeadlineMetric;
import io.cityseg.proto.RunMetrics;
import io.cityseg.proto.TrainingPace;
import org.junit.jupiter.api.Test;

class MetricsCsvTest {
  private static final EpochHistory HISTORY =
      EpochHistory.newBuilder()
          .setEpoch(1)
          .setSteps(12)
          .setTrainLoss(2.5)
          .setTrainMeanIou(0.1)
          .setValLoss(2.25)
          .setValMeanIou(0.125)
          .setValPixelAccuracy(0.5)
          .setLearningRate(1e-3)
          .build();

  @Test
  void history_whenAnEpochHasTimes_writesThemInUtcAndSeconds() {
    var metrics =
        RunMetrics.newBuilder()
            .addEpochs(
                EpochMetrics.newBuilder()
                    .setHistory(HISTORY)
                    .setFinishedAtMillis(1_700_000_000_000L)
                    .setDurationMillis(2500)
                    .setPace(
                        TrainingPace.newBuilder()
                            .setImages(48)
                            .setDurationMillis(2000)
                            .setWaitingMillis(500)))
            .build();
    assertThat(MetricsCsv.history(metrics).lines())
        .containsExactly(
            "epoch,steps,train_loss,train_mean_iou,val_loss,val_mean_iou,val_pixel_accuracy,learning_rate,finished_at,duration_seconds,images_per_second,waiting_share",
            "1,12,2.5,0.1,2.25,0.125,0.5,0.001,2023-11-14T22:13:20Z,2.5,24.0,0.25");
  }

  @Test
  void history_whenAnEpochsRecordIsGone_leavesTimesEmpty() {
    var metrics =
        RunMetrics.newBuilder().addEpochs(EpochMetrics.newBuilder().setHistory(HISTORY)).build();
    assertThat(MetricsCsv.history(metrics).lines().skip(1))
        .containsExactly("1,12,2.5,0.1,2.25,0.125,0.5,0.001,,,,");
  }

  @Test
  void evaluations_whenASubjectHasACommaAndAQuote_isQuoted() {
    var metrics =
        RunMetrics.newBuilder()
            .addEvaluations(
                HeadlineMetric.newBuilder()
                    .setSubject("my \"best\", so far")
                    .setMeasure("paper")
                    .setMeanIou(0.5)
                    .setCheckpoint(ArtifactRef.newBuilder().setSha256("ab")))
            .build();
    assertThat(MetricsCsv.evaluations(metrics).lines().skip(1))
        .containsExactly("\"my \"\"best\"\", so far\",paper,0.5,,ab");
  }

  @Test
  void evaluations_byTheOfficialMeasure_haveItsColumnsAndSayWhatIsNotAvailable() {
    var metrics =
        RunMetrics.newBuilder()
            .addEvaluations(
                HeadlineMetric.newBuilder()
                    .setSubject("epoch 1")
                    .setMeasure("paper")
                    .setMeanIou(0.5)
                    .setPixelAccuracy(0.75)
                    .setCheckpoint(ArtifactRef.newBuilder().setSha256("ab")))
            .addEvaluations(
                HeadlineMetric.newBuilder()
                    .setSubject("epoch 1")
                    .setMeasure("cityscapes")
                    .setMeanIou(0.25)
                    .setMeanCategoryIou(0.625)
                    .setCheckpoint(ArtifactRef.newBuilder().setSha256("ab")))
            .build();
    assertThat(MetricsCsv.evaluations(metrics).lines())
        .containsExactly(
            "subject,measure,mean_iou,pixel_accuracy,checkpoint,mean_category_iou,mean_instance_iou,mean_category_instance_iou",
            "epoch 1,paper,0.5,0.75,ab,,,",
            "epoch 1,cityscapes,0.25,,ab,0.625,n/a,n/a");
    RunMetrics.Builder withBoundary = metrics.toBuilder();
    withBoundary.getEvaluationsBuilder(1).setMeanBoundaryIou(0.125);
    assertThat(MetricsCsv.evaluations(withBoundary.build()).lines())
        .containsExactly(
            "subject,measure,mean_iou,pixel_accuracy,checkpoint,mean_category_iou,mean_instance_iou,mean_category_instance_iou,mean_boundary_iou",
            "epoch 1,paper,0.5,0.75,ab,,,,",
            "epoch 1,cityscapes,0.25,,ab,0.625,n/a,n/a,0.125");
  }
}
