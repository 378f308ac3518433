package io.cityseg.run;

import static java.util.Objects.requireNonNull;

import io.cityseg.graph.Graph;
import io.cityseg.graph.MissingResultException;
import io.cityseg.proto.EvaluationManifest;
import io.cityseg.proto.GraphRequest;
import io.cityseg.proto.HeadlineMetric;
import io.cityseg.proto.RunRecord;
import io.cityseg.proto.StageOutcome;
import io.cityseg.proto.StageStatus;
import io.cityseg.stage.Stopwatch;
import io.cityseg.store.ArtifactStore;
import io.cityseg.store.StoreException;
import io.cityseg.store.ThisHost;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * A run that is written down: its record is in the store from its beginning, and says in the end
 * what came of it.
 */
public final class RecordedRun {
  /** Status of a run whose stages all have a result. */
  public static final String DONE = "done";

  /** Status of a run of which a stage failed. */
  public static final String FAILED = "failed";

  /** Status of a run that was stopped by a signal. */
  public static final String INTERRUPTED = "interrupted";

  /** Status of a run that is under way, or was killed without a chance to say so. */
  public static final String RUNNING = "running";

  private static final DateTimeFormatter ID_TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT).withZone(ZoneOffset.UTC);
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final Set<String> EVALUATIONS = Set.of(Graph.BASELINE, "evaluate");

  private final ArtifactStore store;
  private final String command;
  private final String storeUri;
  private final RunnerChoice runner;

  /** A run of a command ("run", "evaluate") that has not begun. */
  public RecordedRun(ArtifactStore store, String storeUri, RunnerChoice runner, String command) {
    this.store = requireNonNull(store, "store");
    this.storeUri = requireNonNull(storeUri, "storeUri");
    this.runner = requireNonNull(runner, "runner");
    this.command = requireNonNull(command, "command");
  }

  /** A new run's id: the time, to the second, and four random digits. */
  public static String newId() {
    return ID_TIME.format(Instant.now()) + "-" + "%04x".formatted(RANDOM.nextInt(1 << 16));
  }

  /** Carries a request out and returns the run's record, which is in the store by then. */
  public RunRecord execute(GraphRequest request, RunListener listener)
      throws StoreException, MissingResultException, InterruptedException {
    Journal journal = new Journal(store.objects(), request.getRunId());
    RunRecord begun =
        RunRecord.newBuilder()
            .setId(request.getRunId())
            .setCommand(command)
            .setConfig(request.getConfig())
            .setRunner(runner.kind().name().toLowerCase(Locale.ROOT))
            .setStartedAtMillis(System.currentTimeMillis())
            .setStatus(RUNNING)
            .setHost(ThisHost.name().orElse("unknown"))
            .setVersion(Stopwatch.version())
            .setProcessId(ProcessHandle.current().pid())
            .build();
    journal.write(begun);
    Thread onSignal =
        new Thread(() -> interrupted(journal, begun, listener), "cityseg-interrupted");
    Runtime.getRuntime().addShutdownHook(onSignal);
    List<StageOutcome> outcomes;
    try {
      outcomes = new PipelineRun(store, storeUri, runner, listener).execute(request);
    } catch (MissingResultException | StoreException e) {
      writeIfPossible(
          journal,
          begun.toBuilder()
              .setStatus(FAILED)
              .setFinishedAtMillis(System.currentTimeMillis())
              .build(),
          listener);
      throw e;
    } finally {
      Runtime.getRuntime().removeShutdownHook(onSignal);
    }
    RunRecord.Builder ended = begun.toBuilder().addAllStages(outcomes);
    boolean failed = outcomes.stream().anyMatch(RecordedRun::isFailure);
    outcomes.stream()
        .filter(outcome -> outcome.getNode().equals("report") && outcome.hasOutput())
        .forEach(outcome -> ended.setReport(outcome.getOutput()));
    RunRecord record =
        ended
            .addAllMetrics(metrics(outcomes))
            .setStatus(failed ? FAILED : DONE)
            .setFinishedAtMillis(System.currentTimeMillis())
            .build();
    writeIfPossible(journal, record, listener);
    return record;
  }

  /** What came of the run must reach the user even when the store takes nothing any more. */
  private static void writeIfPossible(Journal journal, RunRecord record, RunListener listener) {
    try {
      journal.write(record);
      journal.clear();
    } catch (StoreException e) {
      listener.notice("the run's record could not be written: " + e.getMessage());
    }
  }

  private static void interrupted(Journal journal, RunRecord begun, RunListener listener) {
    listener.notice(
        "interrupted: what was finished is in the store, and the same command goes on from there");
    try {
      journal.write(
          begun.toBuilder()
              .addAllStages(journal.inGraphOrder())
              .setStatus(INTERRUPTED)
              .setFinishedAtMillis(System.currentTimeMillis())
              .build());
    } catch (StoreException e) {
      listener.notice("the run's record could not be written: " + e.getMessage());
    }
  }

  private static boolean isFailure(StageOutcome outcome) {
    return outcome.getStatus() == StageStatus.FAILED
        || outcome.getStatus() == StageStatus.NOT_REACHED;
  }

  private List<HeadlineMetric> metrics(List<StageOutcome> outcomes) throws StoreException {
    List<HeadlineMetric> metrics = new ArrayList<>();
    for (StageOutcome outcome : outcomes) {
      if (EVALUATIONS.contains(outcome.getNode()) && outcome.hasOutput()) {
        EvaluationManifest evaluation =
            store.readManifest(outcome.getOutput(), EvaluationManifest.parser());
        metrics.addAll(HeadlineMetrics.of(outcome.getSubject(), evaluation));
      }
    }
    return metrics;
  }
}
