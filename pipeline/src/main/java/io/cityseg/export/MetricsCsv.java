package io.cityseg.export;

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

  /** A line an evaluation. */
  static String evaluations(RunMetrics metrics) {
    List<List<Object>> rows = new ArrayList<>();
    rows.add(List.of("subject", "measure", "mean_iou", "pixel_accuracy", "checkpoint"));
    for (HeadlineMetric metric : metrics.getEvaluationsList()) {
      rows.add(
          List.of(
              metric.getSubject(),
              metric.getMeasure(),
              metric.hasMeanIou() ? metric.getMeanIou() : "",
              metric.hasPixelAccuracy() ? metric.getPixelAccuracy() : "",
              metric.getCheckpoint().getSha256()));
    }
    return text(rows);
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
