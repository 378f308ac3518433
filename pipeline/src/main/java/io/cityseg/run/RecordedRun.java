package io.cityseg.run;

import static java.util.Objects.requireNonNull;

import io.cityseg.graph.MissingResultException;
import io.cityseg.journal.CompletedRecord;
import io.cityseg.journal.Journal;
import io.cityseg.journal.RunStatus;
import io.cityseg.proto.GraphRequest;
import io.cityseg.proto.RunRecord;
import io.cityseg.proto.StageOutcome;
import io.cityseg.stage.Stopwatch;
import io.cityseg.store.ArtifactStore;
import io.cityseg.store.StoreAwayException;
import io.cityseg.store.StoreException;
import io.cityseg.store.ThisHost;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A run that is written down: its record is in the store from its beginning, and says in the end
 * what came of it.
 */
public final class RecordedRun {
  private static final DateTimeFormatter ID_TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT).withZone(ZoneOffset.UTC);
  private static final SecureRandom RANDOM = new SecureRandom();

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
      throws StoreException, MissingResultException, FlinkMasterException, InterruptedException {
    Journal journal = new Journal(store.objects(), request.getRunId());
    RunRecord begun = begun(request);
    journal.write(begun);
    PipelineRun run = new PipelineRun(store, storeUri, runner, listener);
    AtomicBoolean interrupted = new AtomicBoolean();
    Thread onSignal =
        new Thread(
            () -> {
              interrupted.set(true);
              run.cancel();
              interrupted(journal, begun, listener);
            },
            "cityseg-interrupted");
    Runtime.getRuntime().addShutdownHook(onSignal);
    try {
      RunRecord record = CompletedRecord.of(begun, run.execute(request), store);
      if (!interrupted.get()) {
        writeIfPossible(journal, record, listener);
      }
      return record;
    } catch (StoreAwayException e) {
      // to write the record would mean to wait for it once more, in vain
      throw e;
    } catch (MissingResultException | StoreException | FlinkMasterException e) {
      if (!interrupted.get()) {
        writeIfPossible(journal, failed(begun), listener);
      }
      throw e;
    } finally {
      if (interrupted.get()) {
        // the process is ending, and says what the signal did to the run; nothing else is to be
        // said, so this waits for the end
        onSignal.join();
        Thread.currentThread().join();
      } else {
        Runtime.getRuntime().removeShutdownHook(onSignal);
      }
    }
  }

  /**
   * Submits a request to a cluster and returns the record of the run that goes on there; of one
   * that found everything in the store, the complete record.
   */
  public RunRecord submit(GraphRequest request, RunListener listener)
      throws StoreException, MissingResultException, FlinkMasterException, InterruptedException {
    Journal journal = new Journal(store.objects(), request.getRunId());
    RunRecord begun = begun(request);
    journal.write(begun);
    try {
      Optional<List<StageOutcome>> outcomes =
          new PipelineRun(store, storeUri, runner, listener).detach(request);
      if (outcomes.isEmpty()) {
        return begun;
      }
      RunRecord record = CompletedRecord.of(begun, outcomes.get(), store);
      writeIfPossible(journal, record, listener);
      return record;
    } catch (MissingResultException | StoreException | FlinkMasterException e) {
      writeIfPossible(journal, failed(begun), listener);
      throw e;
    }
  }

  private RunRecord begun(GraphRequest request) {
    return RunRecord.newBuilder()
        .setId(request.getRunId())
        .setCommand(command)
        .setConfig(request.getConfig())
        .setRunner(runner.kind().name().toLowerCase(Locale.ROOT))
        .setStartedAtMillis(System.currentTimeMillis())
        .setStatus(RunStatus.RUNNING)
        .setHost(ThisHost.name().orElse("unknown"))
        .setVersion(Stopwatch.version())
        .setProcessId(ProcessHandle.current().pid())
        .build();
  }

  private static RunRecord failed(RunRecord begun) {
    return begun.toBuilder()
        .setStatus(RunStatus.FAILED)
        .setFinishedAtMillis(System.currentTimeMillis())
        .build();
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
              .setStatus(RunStatus.INTERRUPTED)
              .setFinishedAtMillis(System.currentTimeMillis())
              .build());
    } catch (StoreException e) {
      listener.notice("the run's record could not be written: " + e.getMessage());
    }
  }
}
