package io.cityseg.run;

import static java.util.Objects.requireNonNull;

import io.cityseg.journal.CompletedRecord;
import io.cityseg.journal.Journal;
import io.cityseg.journal.JournalView;
import io.cityseg.journal.RunStatus;
import io.cityseg.proto.FlinkJob;
import io.cityseg.proto.Progress;
import io.cityseg.proto.RunRecord;
import io.cityseg.proto.StageOutcome;
import io.cityseg.proto.StageStatus;
import io.cityseg.store.ArtifactStore;
import io.cityseg.store.StoreException;
import io.cityseg.store.UnreadableBlobException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Follows a run from its journal, wherever it is carried out and whoever began it. Whether a job
 * that no client waits for is still there, only its cluster's master can say.
 */
public final class RunFollower {
  private static final long MASTER_EVERY_NANOS = TimeUnit.SECONDS.toNanos(3);

  private final ArtifactStore store;
  private final RunListener listener;
  private final Map<String, StageOutcome> told = new HashMap<>();
  private boolean saidAway;

  public RunFollower(ArtifactStore store, RunListener listener) {
    this.store = requireNonNull(store, "store");
    this.listener = requireNonNull(listener, "listener");
  }

  /** Waits until a run has ended, and returns its record. */
  public RunRecord follow(RunRecord run) throws StoreException, InterruptedException {
    JournalView view = new JournalView(store.objects(), run.getId());
    RunRecord current = settled(run);
    long settledAt = System.nanoTime();
    while (current.getStatus().equals(RunStatus.RUNNING)) {
      view.look();
      tell(view);
      current = state(view).orElse(current);
      if (System.nanoTime() - settledAt > MASTER_EVERY_NANOS) {
        current = settled(current);
        settledAt = System.nanoTime();
      }
      TimeUnit.NANOSECONDS.sleep(view.pause().toNanos());
    }
    return current;
  }

  /** The run's record with what the journal says of a run that has not ended. */
  private static Optional<RunRecord> state(JournalView view) {
    return view.record()
        .map(
            record ->
                record.getFinishedAtMillis() > 0
                    ? record
                    : Journal.withOutcomes(record, view.outcomes(), view.job()));
  }

  /**
   * The record as it is: that of a job which ended without completing it is completed now, as
   * failed.
   */
  public RunRecord settled(RunRecord run) throws StoreException, InterruptedException {
    Journal journal = new Journal(store.objects(), run.getId());
    Optional<FlinkJob> job = journal.job();
    if (!run.getStatus().equals(RunStatus.RUNNING)
        || job.isEmpty()
        || (!job.get().getDetached() && !Journal.clientIsGone(run))) {
      return run;
    }
    try {
      Optional<String> failure = failure(job.get());
      if (failure.isEmpty()) {
        return run;
      }
      // The job may have ended well between the two looks.
      RunRecord now = Journal.find(store, run.getId()).orElse(run);
      if (now.getFinishedAtMillis() > 0) {
        return now;
      }
      return failed(now, journal, failure.get());
    } catch (FlinkMasterException e) {
      if (!saidAway) {
        listener.notice(e.getMessage());
        saidAway = true;
      }
      return run;
    }
  }

  private static Optional<String> failure(FlinkJob job)
      throws FlinkMasterException, InterruptedException {
    FlinkMaster master = new FlinkMaster(MasterAddress.parse(job.getMaster()));
    Optional<FlinkMaster.Job> state = master.job(job.getJobId());
    if (state.isEmpty()) {
      return Optional.of(
          "Flink master %s no longer knows job %s".formatted(job.getMaster(), job.getJobId()));
    }
    return switch (state.get().state()) {
      case "FAILED" ->
          Optional.of(
              "job %s failed on Flink master %s: %s"
                  .formatted(job.getJobId(), job.getMaster(), master.failure(job.getJobId())));
      case "CANCELED" ->
          Optional.of(
              "job %s was cancelled on Flink master %s".formatted(job.getJobId(), job.getMaster()));
      default -> Optional.empty();
    };
  }

  private RunRecord failed(RunRecord run, Journal journal, String message) throws StoreException {
    List<StageOutcome> outcomes = new ArrayList<>(journal.inGraphOrder());
    if (outcomes.stream().noneMatch(outcome -> outcome.getStatus() == StageStatus.FAILED)) {
      outcomes.add(PipelineRun.failure(message));
    }
    RunRecord record;
    try {
      record = CompletedRecord.of(run, outcomes, store);
    } catch (UnreadableBlobException e) {
      // the numbers of a failed run are a courtesy
      record =
          run.toBuilder()
              .clearStages()
              .addAllStages(outcomes)
              .setStatus(RunStatus.FAILED)
              .setFinishedAtMillis(System.currentTimeMillis())
              .build();
    }
    journal.write(record);
    journal.clear();
    return record;
  }

  private void tell(JournalView view) {
    List<StageOutcome> outcomes = view.outcomes();
    for (StageOutcome outcome : outcomes) {
      String id = PipelineRun.id(outcome);
      StageOutcome before = told.getOrDefault(id, StageOutcome.getDefaultInstance());
      told.put(id, outcome);
      if (!outcome.equals(before) && !PipelineRun.isSaidAgain(before, outcome)) {
        listener.ended(outcome);
      }
    }
    listener.progressed(underWay(view, outcomes));
  }

  /** How far the nodes of a run are that are under way; nothing of a run that has ended. */
  public List<Progress> underWay(RunRecord run) throws StoreException {
    if (!run.getStatus().equals(RunStatus.RUNNING)) {
      return List.of();
    }
    JournalView view = new JournalView(store.objects(), run.getId());
    view.look();
    return underWay(view, run.getStagesList());
  }

  private static List<Progress> underWay(JournalView view, List<StageOutcome> ended) {
    return view.progress().stream()
        .filter(p -> ended.stream().noneMatch(o -> o.getNode().equals(p.getStage())))
        .toList();
  }
}
