package io.cityseg.export;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import com.google.protobuf.util.JsonFormat;
import io.cityseg.graph.Graph;
import io.cityseg.journal.RunStatus;
import io.cityseg.proto.EpochHistory;
import io.cityseg.proto.EpochMetrics;
import io.cityseg.proto.HeadlineMetric;
import io.cityseg.proto.RunMetrics;
import io.cityseg.proto.RunRecord;
import io.cityseg.proto.StageOutcome;
import io.cityseg.proto.TrainingPace;
import io.cityseg.store.ArtifactStore;
import io.cityseg.store.Digest;
import io.cityseg.store.StoreException;
import io.cityseg.train.TrainingHistory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A run's metrics as files. The same run gives the same files whenever it is exported: every time
 * is one that was recorded.
 */
public final class MetricsExport {
  private static final double MILLIS_PER_SECOND = 1000;
  private static final Pattern EPOCH = Pattern.compile("epoch ([0-9]{1,6})");

  private final RunMetrics metrics;

  private MetricsExport(RunMetrics metrics) {
    this.metrics = requireNonNull(metrics, "metrics");
  }

  /** Reads what there is to know of a run; a run that has trained nothing has no epochs. */
  public static MetricsExport of(RunRecord run, ArtifactStore store) throws StoreException {
    RunMetrics.Builder metrics =
        RunMetrics.newBuilder()
            .setRunId(run.getId())
            .setStartedAtMillis(run.getStartedAtMillis())
            .setStatus(run.getStatus())
            .addAllEvaluations(run.getMetricsList());
    metrics.addAllEpochs(epochs(run, store));
    return new MetricsExport(metrics.build());
  }

  /** The epochs of a run's training; of one that has not ended well, those that are there. */
  public static List<EpochMetrics> epochs(RunRecord run, ArtifactStore store)
      throws StoreException {
    for (StageOutcome outcome : run.getStagesList()) {
      if (outcome.getNode().equals("train")
          && outcome.hasOutput()
          && Digest.isValid(outcome.getKey())) {
        return TrainingHistory.of(outcome.getOutput(), new Digest(outcome.getKey()), store);
      }
    }
    boolean trains = run.getCommand().equals("run");
    return trains && !run.getStatus().equals(RunStatus.DONE)
        ? UnfinishedTraining.epochs(run, store)
        : List.of();
  }

  /** How many epochs there are. */
  public int epochs() {
    return metrics.getEpochsCount();
  }

  /** Whether there is neither an epoch nor an evaluation. */
  public boolean isEmpty() {
    return metrics.getEpochsCount() == 0 && metrics.getEvaluationsCount() == 0;
  }

  /**
   * Writes one format's files into a folder, in place of those that are there.
   *
   * @return the files
   */
  public List<Path> write(MetricsFormat format, Path folder) throws IOException {
    Files.createDirectories(folder);
    return switch (format) {
      case TENSORBOARD -> List.of(writeEvents(folder));
      case CSV ->
          List.of(
              Files.writeString(folder.resolve("history.csv"), MetricsCsv.history(metrics)),
              Files.writeString(
                  folder.resolve("evaluations.csv"), MetricsCsv.evaluations(metrics)));
      case JSON ->
          List.of(
              Files.writeString(
                  folder.resolve("metrics.json"),
                  JsonFormat.printer().preservingProtoFieldNames().print(metrics) + "\n",
                  UTF_8));
      case PROTOBUF -> List.of(Files.write(folder.resolve("metrics.pb"), metrics.toByteArray()));
    };
  }

  private Path writeEvents(Path folder) throws IOException {
    Path file = folder.resolve(EventFile.name(metrics.getStartedAtMillis()));
    try (EventFile events = EventFile.create(file, metrics.getStartedAtMillis())) {
      writeScalars(events);
    }
    return file;
  }

  /** Adds all numbers to an event file: those of epoch N at step N, the baseline's at step 0. */
  private void writeScalars(EventFile events) throws IOException {
    for (EpochMetrics epoch : metrics.getEpochsList()) {
      events.add(at(epoch), epoch.getHistory().getEpoch(), scalars(epoch));
    }
    for (Map.Entry<Integer, Map<String, Double>> step : evaluations().entrySet()) {
      events.add(metrics.getStartedAtMillis(), step.getKey(), step.getValue());
    }
  }

  /** An epoch without a record is put at the run's beginning: TensorBoard needs some time. */
  private long at(EpochMetrics epoch) {
    return epoch.getFinishedAtMillis() > 0
        ? epoch.getFinishedAtMillis()
        : metrics.getStartedAtMillis();
  }

  private static Map<String, Double> scalars(EpochMetrics epoch) {
    EpochHistory history = epoch.getHistory();
    Map<String, Double> scalars = new LinkedHashMap<>();
    scalars.put("train/loss", history.getTrainLoss());
    scalars.put("train/mean_iou", history.getTrainMeanIou());
    scalars.put("train/learning_rate", history.getLearningRate());
    scalars.put("val/loss", history.getValLoss());
    scalars.put("val/mean_iou", history.getValMeanIou());
    scalars.put("val/pixel_accuracy", history.getValPixelAccuracy());
    if (epoch.hasPace() && epoch.getPace().getDurationMillis() > 0) {
      scalars.put("pace/images_per_second", imagesPerSecond(epoch.getPace()));
      scalars.put("pace/waiting_share", waitingShare(epoch.getPace()));
    }
    return scalars;
  }

  /** Training images that went through the network a second. */
  public static double imagesPerSecond(TrainingPace pace) {
    return pace.getImages() * MILLIS_PER_SECOND / pace.getDurationMillis();
  }

  /** The share of the time, 0..1, that the network waited for images. */
  public static double waitingShare(TrainingPace pace) {
    return Math.min(1, pace.getWaitingMillis() / (double) pace.getDurationMillis());
  }

  /** By step. Checkpoints from elsewhere, which belong to no epoch, have tags of their own. */
  private Map<Integer, Map<String, Double>> evaluations() {
    Map<Integer, Map<String, Double>> steps = new LinkedHashMap<>();
    for (HeadlineMetric metric : metrics.getEvaluationsList()) {
      List<String> tag = new ArrayList<>(List.of("evaluate", metric.getMeasure()));
      Matcher epoch = EPOCH.matcher(metric.getSubject());
      int step = 0;
      if (epoch.matches()) {
        step = Integer.parseInt(epoch.group(1));
      } else if (!metric.getSubject().equals(Graph.BASELINE)) {
        tag.add(metric.getSubject());
      }
      Map<String, Double> values = steps.computeIfAbsent(step, s -> new LinkedHashMap<>());
      String prefix = String.join("/", tag);
      if (metric.hasMeanIou()) {
        values.put(prefix + "/mean_iou", metric.getMeanIou());
      }
      if (metric.hasPixelAccuracy()) {
        values.put(prefix + "/pixel_accuracy", metric.getPixelAccuracy());
      }
      putOfficial(values, prefix, metric);
    }
    return steps;
  }

  /** What is not available has no scalar: a curve at 0 would be a score. */
  private static void putOfficial(
      Map<String, Double> values, String prefix, HeadlineMetric metric) {
    if (metric.hasMeanCategoryIou()) {
      values.put(prefix + "/mean_category_iou", metric.getMeanCategoryIou());
    }
    if (metric.hasMeanInstanceIou()) {
      values.put(prefix + "/mean_instance_iou", metric.getMeanInstanceIou());
    }
    if (metric.hasMeanCategoryInstanceIou()) {
      values.put(prefix + "/mean_category_instance_iou", metric.getMeanCategoryInstanceIou());
    }
    if (metric.hasMeanBoundaryIou()) {
      values.put(prefix + "/mean_boundary_iou", metric.getMeanBoundaryIou());
    }
  }
}
