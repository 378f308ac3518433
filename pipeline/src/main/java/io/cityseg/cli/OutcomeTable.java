package io.cityseg.cli;

import io.cityseg.proto.HeadlineMetric;
import io.cityseg.proto.RunRecord;
import io.cityseg.proto.StageOutcome;
import io.cityseg.proto.StageStatus;
import io.cityseg.store.Digest;
import java.util.List;
import java.util.Locale;

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
    HeadlineMetric baseline = run.getMetrics(0);
    TextTable table = new TextTable("CHECKPOINT", "MEASURE", "mIoU", "PIXEL ACCURACY", "");
    for (HeadlineMetric metric : run.getMetricsList()) {
      table.row(
          metric.getSubject(),
          metric.getMeasure(),
          metric.hasMeanIou() ? percent(metric.getMeanIou()) : "not available",
          metric.hasPixelAccuracy() ? percent(metric.getPixelAccuracy()) : "not available",
          metric.equals(baseline) ? "" : comparison(baseline, metric));
    }
    return table.text();
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
    if (!baseline.hasMeanIou() || !metric.hasMeanIou() || baseline.getMeanIou() == 0) {
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
    return all <= 1 ? "" : " (%d of %d pieces)".formatted(outcome.getPiecesRun(), all);
  }

  /** What failed, in full: one paragraph a failure. */
  static List<String> failures(RunRecord run) {
    return run.getStagesList().stream()
        .filter(outcome -> outcome.getStatus() == StageStatus.FAILED)
        .map(outcome -> outcome.getNode() + ": " + outcome.getReason())
        .toList();
  }
}
