package io.cityseg.cli;

import io.cityseg.evaluate.CityscapesMeasure;
import io.cityseg.evaluate.PaperMeasure;
import io.cityseg.export.MetricsExport;
import io.cityseg.proto.EpochHistory;
import io.cityseg.proto.EpochMetrics;
import io.cityseg.proto.HeadlineMetric;
import io.cityseg.proto.RunRecord;
import io.cityseg.proto.StageOutcome;
import io.cityseg.proto.StageStatus;
import io.cityseg.store.Digest;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A run's record for people: the table of stages, and the headline numbers. */
final class OutcomeTable {
  private static final int MAX_WHY = 60;

  private OutcomeTable() {}

  static String stages(RunRecord run) {
    TextTable table = new TextTable("STAGE", "OF", "STATUS", "WHY", "TIME", "ARTIFACT");
    for (StageOutcome outcome : run.getStagesList()) {
      table.row(
          outcome.getStage(),
          outcome.getSubject(),
          status(outcome),
          shortened(why(outcome)),
          outcome.getDurationMillis() == 0 ? "" : seconds(outcome.getDurationMillis()),
          outcome.hasOutput() ? new Digest(outcome.getOutput().getSha256()).abbreviated() : "");
    }
    return table.text();
  }

  static String metrics(RunRecord run) {
    if (run.getMetricsCount() == 0) {
      return "";
    }
    return Stream.of(
            paper(ofMeasure(run, PaperMeasure.NAME)),
            cityscapes(ofMeasure(run, CityscapesMeasure.NAME)))
        .filter(table -> !table.isEmpty())
        .collect(Collectors.joining("\n"));
  }

  /** The headline numbers of one measure, the baseline's first. */
  static List<HeadlineMetric> ofMeasure(RunRecord run, String measure) {
    return run.getMetricsList().stream().filter(m -> m.getMeasure().equals(measure)).toList();
  }

  private static String paper(List<HeadlineMetric> metrics) {
    TextTable table = new TextTable("CHECKPOINT", "MEASURE", "mIoU", "PIXEL ACCURACY", "");
    for (HeadlineMetric metric : metrics) {
      table.row(
          metric.getSubject(),
          metric.getMeasure(),
          share(metric.hasMeanIou(), metric.getMeanIou()),
          share(metric.hasPixelAccuracy(), metric.getPixelAccuracy()),
          comparison(metrics.get(0), metric));
    }
    return metrics.isEmpty() ? "" : table.text();
  }

  /** A table of its own: no column holds numbers of two measures. */
  private static String cityscapes(List<HeadlineMetric> metrics) {
    boolean boundary = metrics.stream().anyMatch(HeadlineMetric::hasMeanBoundaryIou);
    List<String> headings =
        new ArrayList<>(
            List.of("CHECKPOINT", "MEASURE", "mIoU", "CATEGORY IoU", "iIoU", "CATEGORY iIoU"));
    if (boundary) {
      headings.add("BOUNDARY IoU");
    }
    headings.add("");
    TextTable table = new TextTable(headings.toArray(String[]::new));
    for (HeadlineMetric metric : metrics) {
      List<String> row = new ArrayList<>();
      row.add(metric.getSubject());
      row.add(metric.getMeasure());
      row.add(share(metric.hasMeanIou(), metric.getMeanIou()));
      row.add(share(metric.hasMeanCategoryIou(), metric.getMeanCategoryIou()));
      row.add(share(metric.hasMeanInstanceIou(), metric.getMeanInstanceIou()));
      row.add(share(metric.hasMeanCategoryInstanceIou(), metric.getMeanCategoryInstanceIou()));
      if (boundary) {
        row.add(share(metric.hasMeanBoundaryIou(), metric.getMeanBoundaryIou()));
      }
      row.add(comparison(metrics.get(0), metric));
      table.row(row.toArray(String[]::new));
    }
    return metrics.isEmpty() ? "" : table.text();
  }

  private static String share(boolean present, double share) {
    return present ? percent(share) : "not available";
  }

  static String percent(double share) {
    return String.format(Locale.ROOT, "%.2f %%", 100 * share);
  }

  static String seconds(long millis) {
    return millis < 60_000
        ? String.format(Locale.ROOT, "%.1f s", millis / 1e3)
        : String.format(Locale.ROOT, "%d min %02d s", millis / 60_000, millis / 1000 % 60);
  }

  private static String comparison(HeadlineMetric baseline, HeadlineMetric metric) {
    if (metric.equals(baseline)
        || !baseline.hasMeanIou()
        || !metric.hasMeanIou()
        || baseline.getMeanIou() == 0) {
      return "";
    }
    return String.format(
        Locale.ROOT, "%.1f times the baseline's mIoU", metric.getMeanIou() / baseline.getMeanIou());
  }

  /** A line of the table stays readable; the record has the whole reason. */
  private static String shortened(String why) {
    return why.length() <= MAX_WHY ? why : why.substring(0, MAX_WHY - 1) + "…";
  }

  private static String status(StageOutcome outcome) {
    return switch (outcome.getStatus()) {
      case CACHED -> "cached";
      case RAN -> "ran";
      case FAILED -> "FAILED";
      case NOT_REACHED -> "not reached";
      case STAGE_STATUS_UNSPECIFIED, UNRECOGNIZED -> "unknown";
    };
  }

  private static String why(StageOutcome outcome) {
    return switch (outcome.getStatus()) {
      case RAN -> outcome.getReason() + pieces(outcome);
      case FAILED -> "see below";
      case CACHED, NOT_REACHED, STAGE_STATUS_UNSPECIFIED, UNRECOGNIZED -> "";
    };
  }

  private static String pieces(StageOutcome outcome) {
    int all = outcome.getPiecesRun() + outcome.getPiecesCached();
    if (all <= 1) {
      return "";
    }
    return outcome.getPiecesRecovered() == 0
        ? " (%d of %d pieces)".formatted(outcome.getPiecesRun(), all)
        : " (%d of %d pieces, %d in an earlier attempt)"
            .formatted(outcome.getPiecesRun(), all, outcome.getPiecesRecovered());
  }

  /** How training went, epoch by epoch, with the times that no artifact has. */
  static String epochs(List<EpochMetrics> epochs) {
    TextTable table =
        new TextTable("EPOCH", "TRAIN LOSS", "VAL LOSS", "VAL mIoU", "TIME", "IMAGES/S", "WAITING");
    for (EpochMetrics epoch : epochs) {
      EpochHistory history = epoch.getHistory();
      boolean paced = epoch.hasPace() && epoch.getPace().getDurationMillis() > 0;
      table.row(
          Integer.toString(history.getEpoch()),
          String.format(Locale.ROOT, "%.4f", history.getTrainLoss()),
          String.format(Locale.ROOT, "%.4f", history.getValLoss()),
          percent(history.getValMeanIou()),
          epoch.getFinishedAtMillis() > 0 ? seconds(epoch.getDurationMillis()) : "unknown",
          paced
              ? String.format(Locale.ROOT, "%.2f", MetricsExport.imagesPerSecond(epoch.getPace()))
              : "unknown",
          paced ? percent(MetricsExport.waitingShare(epoch.getPace())) : "unknown");
    }
    return epochs.isEmpty() ? "" : table.text();
  }

  /** What failed, in full: one paragraph a failure. */
  static List<String> failures(RunRecord run) {
    return run.getStagesList().stream()
        .filter(outcome -> outcome.getStatus() == StageStatus.FAILED)
        .map(outcome -> outcome.getNode() + ": " + outcome.getReason())
        .toList();
  }
}
