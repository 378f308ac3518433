package io.cityseg.export;

import io.cityseg.evaluate.CityscapesMeasure;
import io.cityseg.proto.EpochHistory;
import io.cityseg.proto.EpochMetrics;
import io.cityseg.proto.HeadlineMetric;
import io.cityseg.proto.RunMetrics;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Metrics as CSV (RFC 4180, but for lines that end with LF). Shares are 0..1, times UTC; a field is
 * empty where nothing is known.
 */
final class MetricsCsv {
  private static final double MILLIS_PER_SECOND = 1000;

  private MetricsCsv() {}

  /** A line an epoch. */
  static String history(RunMetrics metrics) {
    List<List<Object>> rows = new ArrayList<>();
    rows.add(
        List.of(
            "epoch",
            "steps",
            "train_loss",
            "train_mean_iou",
            "val_loss",
            "val_mean_iou",
            "val_pixel_accuracy",
            "learning_rate",
            "finished_at",
            "duration_seconds",
            "images_per_second",
            "waiting_share"));
    for (EpochMetrics epoch : metrics.getEpochsList()) {
      EpochHistory history = epoch.getHistory();
      boolean timed = epoch.getFinishedAtMillis() > 0;
      boolean paced = epoch.hasPace() && epoch.getPace().getDurationMillis() > 0;
      rows.add(
          List.of(
              history.getEpoch(),
              history.getSteps(),
              history.getTrainLoss(),
              history.getTrainMeanIou(),
              history.getValLoss(),
              history.getValMeanIou(),
              history.getValPixelAccuracy(),
              history.getLearningRate(),
              timed ? Instant.ofEpochMilli(epoch.getFinishedAtMillis()) : "",
              timed ? epoch.getDurationMillis() / MILLIS_PER_SECOND : "",
              paced ? MetricsExport.imagesPerSecond(epoch.getPace()) : "",
              paced ? MetricsExport.waitingShare(epoch.getPace()) : ""));
    }
    return text(rows);
  }

  /**
   * A line an evaluation. Columns that the measure cityscapes alone has are there when it was asked
   * for, the last one when boundary scores were; "n/a" is a score that is not available.
   */
  static String evaluations(RunMetrics metrics) {
    List<HeadlineMetric> evaluations = metrics.getEvaluationsList();
    boolean official = evaluations.stream().anyMatch(MetricsCsv::isOfficial);
    boolean boundary = evaluations.stream().anyMatch(HeadlineMetric::hasMeanBoundaryIou);
    List<List<Object>> rows = new ArrayList<>();
    List<Object> header =
        new ArrayList<>(List.of("subject", "measure", "mean_iou", "pixel_accuracy", "checkpoint"));
    if (official) {
      header.addAll(
          List.of("mean_category_iou", "mean_instance_iou", "mean_category_instance_iou"));
    }
    if (boundary) {
      header.add("mean_boundary_iou");
    }
    rows.add(header);
    for (HeadlineMetric metric : evaluations) {
      List<Object> row = new ArrayList<>();
      row.add(metric.getSubject());
      row.add(metric.getMeasure());
      row.add(metric.hasMeanIou() ? metric.getMeanIou() : "");
      row.add(metric.hasPixelAccuracy() ? metric.getPixelAccuracy() : "");
      row.add(metric.getCheckpoint().getSha256());
      if (official) {
        row.addAll(official(metric));
      }
      if (boundary) {
        row.add(ofOfficial(metric, metric.hasMeanBoundaryIou(), metric.getMeanBoundaryIou()));
      }
      rows.add(row);
    }
    return text(rows);
  }

  private static boolean isOfficial(HeadlineMetric metric) {
    return metric.getMeasure().equals(CityscapesMeasure.NAME);
  }

  private static List<Object> official(HeadlineMetric metric) {
    return List.of(
        ofOfficial(metric, metric.hasMeanCategoryIou(), metric.getMeanCategoryIou()),
        ofOfficial(metric, metric.hasMeanInstanceIou(), metric.getMeanInstanceIou()),
        ofOfficial(
            metric, metric.hasMeanCategoryInstanceIou(), metric.getMeanCategoryInstanceIou()));
  }

  /** A score that only the official measure has: empty in a line of the other. */
  private static Object ofOfficial(HeadlineMetric metric, boolean present, double score) {
    if (!isOfficial(metric)) {
      return "";
    }
    return present ? (Object) score : "n/a";
  }

  private static String text(List<List<Object>> rows) {
    return rows.stream()
        .map(row -> row.stream().map(MetricsCsv::field).collect(Collectors.joining(",")))
        .collect(Collectors.joining("\n", "", "\n"));
  }

  private static String field(Object value) {
    String text = value.toString();
    boolean plain = text.chars().noneMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
    return plain ? text : '"' + text.replace("\"", "\"\"") + '"';
  }
}
