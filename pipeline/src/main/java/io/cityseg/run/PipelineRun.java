package io.cityseg.run;

import static java.util.Objects.requireNonNull;

import io.cityseg.beam.GraphPipeline;
import io.cityseg.graph.MissingResultException;
import io.cityseg.graph.Planner;
import io.cityseg.journal.Journal;
import io.cityseg.journal.JournalView;
import io.cityseg.proto.FlinkJob;
import io.cityseg.proto.GraphRequest;
import io.cityseg.proto.NodeMode;
import io.cityseg.proto.NodeSelection;
import io.cityseg.proto.StageOutcome;
import io.cityseg.proto.StageStatus;
import io.cityseg.store.ArtifactStore;
import io.cityseg.store.StoreException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.beam.sdk.Pipeline;

/**
 * Carries a request out: plans, runs the graph when anything has to run, and follows it through its
 * journal, which looks the same on every runner. A blob that turns out to be damaged while it is
 * read is made anew by running again, at most twice.
 */
public final class PipelineRun {
  private static final int MAX_ATTEMPTS = 3;
  private static final Duration SUBMITTED_WITHIN = Duration.ofSeconds(20);

  private final ArtifactStore store;
  private final String storeUri;
  private final RunnerChoice runner;
  private final RunListener listener;
  private final Map<String, StageOutcome> outcomes = new LinkedHashMap<>();
  private final Set<StageOutcome> saidFailures = new HashSet<>();
  private int submissions;
  private final ReentrantLock starting = new ReentrantLock();
  private Execution execution;
  private volatile boolean cancelled;

  /** A run that has not begun. */
  public PipelineRun(
      ArtifactStore store, String storeUri, RunnerChoice runner, RunListener listener) {
    this.store = requireNonNull(store, "store");
    this.storeUri = requireNonNull(storeUri, "storeUri");
    this.runner = requireNonNull(runner, "runner");
    this.listener = requireNonNull(listener, "listener");
  }

  /**
   * Submits to a cluster and returns, while the run goes on there.
   *
   * @return how every call ended, when there was nothing to run; else nothing
   * @throws MissingResultException when a stage outside the selection has no result
   * @throws FlinkMasterException when the cluster does not take it
   */
  Optional<List<StageOutcome>> detach(GraphRequest request)
      throws StoreException, MissingResultException, FlinkMasterException, InterruptedException {
    List<Planner.Line> plan = new Planner(store).plan(request);
    listener.planned(plan);
    if (isCached(plan)) {
      plan.forEach(line -> record(line.outcome().orElseThrow()));
      return Optional.of(inOrder(plan));
    }
    submit(request, new Journal(store.objects(), request.getRunId()), true);
    return Optional.empty();
  }

  /** Ends what runs on this run's behalf, here or elsewhere; what comes of that is not told. */
  void cancel() {
    cancelled = true;
    try {
      // a submission that is under way would leave a job behind that nobody waits for
      if (!starting.tryLock(SUBMITTED_WITHIN.toSeconds(), TimeUnit.SECONDS)) {
        listener.notice(
            "the cluster does not say whether it has taken the job; it may go on there");
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    try {
      if (execution != null) {
        execution.cancel();
      }
    } finally {
      starting.unlock();
    }
  }

  private static boolean isCached(List<Planner.Line> plan) {
    return plan.stream().allMatch(line -> line.forecast() == Planner.Forecast.CACHED);
  }

  /**
   * Runs, and returns how every call of the graph ended, in the graph's order: cached, computed,
   * failed, or not reached.
   *
   * @throws MissingResultException when a stage outside the selection has no result
   * @throws FlinkMasterException when a cluster does not take it
   */
  public List<StageOutcome> execute(GraphRequest request)
      throws StoreException, MissingResultException, FlinkMasterException, InterruptedException {
    GraphRequest attempt = request;
    for (int attempts = 1; ; attempts++) {
      List<Planner.Line> plan = new Planner(store).plan(attempt);
      listener.planned(plan);
      if (isCached(plan)) {
        plan.forEach(line -> record(line.outcome().orElseThrow()));
        return inOrder(plan);
      }
      Optional<String> failure = runOnce(attempt);
      if (failure.isEmpty()) {
        // planning again finds everything, and knows the subjects that only the run itself brought
        // to light
        return inOrder(new Planner(store).plan(withoutForce(request)));
      }
      boolean mended =
          failed().stream().allMatch(StageOutcome::getMendedByRerun) && !failed().isEmpty();
      if (!mended || attempts == MAX_ATTEMPTS) {
        return withFailure(plan, failure.get());
      }
      failed().forEach(outcome -> listener.notice(outcome.getReason() + "; it is made anew"));
      outcomes.values().removeIf(outcome -> outcome.getStatus() == StageStatus.FAILED);
      new Journal(store.objects(), request.getRunId()).clear();
      attempt = withoutForce(request);
    }
  }

  /** Runs the graph once; returns the error's message when it failed. */
  private Optional<String> runOnce(GraphRequest request)
      throws StoreException, FlinkMasterException, InterruptedException {
    Journal journal = new Journal(store.objects(), request.getRunId());
    JournalView view = new JournalView(store.objects(), request.getRunId());
    starting.lock();
    try {
      if (cancelled) {
        throw new InterruptedException("The run was stopped before it began");
      }
      execution = start(request, journal);
    } finally {
      starting.unlock();
    }
    while (true) {
      Optional<Execution.Ending> ending = execution.await(view.pause());
      Optional<String> failure = ending.flatMap(Execution.Ending::failure);
      view.look();
      follow(view, failure.isEmpty() && execution.retriesTasks());
      if (ending.isPresent()) {
        return failure;
      }
    }
  }

  private Execution start(GraphRequest request, Journal journal)
      throws StoreException, FlinkMasterException, InterruptedException {
    if (runner.master().isEmpty()) {
      Pipeline pipeline = Pipeline.create(runner.options());
      GraphPipeline.build(pipeline, request, storeUri, runner.fanOut());
      return InProcessExecution.start(pipeline);
    }
    return submit(request, journal, false);
  }

  private ClusterExecution submit(GraphRequest request, Journal journal, boolean detached)
      throws StoreException, FlinkMasterException, InterruptedException {
    FlinkMaster master = new FlinkMaster(runner.master().orElseThrow());
    String name = "cityseg " + request.getRunId() + (++submissions == 1 ? "" : "." + submissions);
    Pipeline pipeline = Pipeline.create(runner.options(master, name));
    GraphPipeline.buildJob(pipeline, request, storeUri, runner.fanOut(), detached);
    ClusterExecution job = ClusterExecution.submit(pipeline, master, name, listener::notice);
    journal.write(
        FlinkJob.newBuilder()
            .setMaster(master.address().toString())
            .setJobId(job.jobId())
            .setDetached(detached)
            .build());
    return job;
  }

  /**
   * Looks at what the workers wrote.
   *
   * @param undecided whether a failure may be followed by another attempt
   */
  private void follow(JournalView journal, boolean undecided) {
    for (StageOutcome outcome : journal.outcomes()) {
      if (undecided && outcome.getStatus() == StageStatus.FAILED) {
        if (saidFailures.add(outcome)) {
          listener.notice(outcome.getNode() + ": " + outcome.getReason());
        }
      } else {
        record(outcome);
      }
    }
    listener.progressed(
        journal.progress().stream().filter(progress -> !finished(progress.getStage())).toList());
  }

  private boolean finished(String node) {
    return outcomes.values().stream().anyMatch(outcome -> outcome.getNode().equals(node));
  }

  /**
   * Remembers an outcome. What was computed in an earlier attempt stays "ran", although the next
   * attempt finds it in the store.
   */
  private void record(StageOutcome outcome) {
    String id = id(outcome);
    StageOutcome before = outcomes.getOrDefault(id, StageOutcome.getDefaultInstance());
    boolean ranBefore = before.getStatus() == StageStatus.RAN;
    if (outcome.equals(before) || (ranBefore && outcome.getStatus() == StageStatus.CACHED)) {
      return;
    }
    outcomes.put(id, outcome);
    if (!cancelled && !isSaidAgain(before, outcome)) {
      listener.ended(outcome);
    }
  }

  /** Whether a call that had ended was gathered once more, since a machine was lost after it. */
  static boolean isSaidAgain(StageOutcome before, StageOutcome outcome) {
    return before.getStatus() == StageStatus.RAN
        && outcome.getStatus() == StageStatus.RAN
        && before.getOutput().equals(outcome.getOutput());
  }

  private List<StageOutcome> failed() {
    return outcomes.values().stream()
        .filter(outcome -> outcome.getStatus() == StageStatus.FAILED)
        .toList();
  }

  private List<StageOutcome> withFailure(List<Planner.Line> plan, String message) {
    if (failed().isEmpty()) {
      record(failure(message));
    }
    return inOrder(plan);
  }

  /**
   * Outcomes in the plan's order, then any that it does not know; a node without an outcome was not
   * reached.
   */
  private List<StageOutcome> inOrder(List<Planner.Line> plan) {
    Map<String, StageOutcome> remaining = new LinkedHashMap<>(outcomes);
    List<StageOutcome> ordered = new ArrayList<>();
    for (Planner.Line line : plan) {
      String node = line.node().name();
      StageOutcome exact = remaining.remove(id(node, line.subject()));
      if (exact != null) {
        ordered.add(exact);
      } else if (outcomes.values().stream().noneMatch(o -> o.getNode().equals(node))) {
        ordered.add(
            StageOutcome.newBuilder()
                .setNode(node)
                .setStage(line.node().stage().name())
                .setSubject(line.subject())
                .setStatus(StageStatus.NOT_REACHED)
                .build());
      }
    }
    ordered.addAll(remaining.values());
    return ordered;
  }

  /** The outcome of a run that failed where no stage did. */
  static StageOutcome failure(String message) {
    return StageOutcome.newBuilder()
        .setNode("pipeline")
        .setStage("pipeline")
        .setStatus(StageStatus.FAILED)
        .setReason(message)
        .build();
  }

  static String id(StageOutcome outcome) {
    return id(outcome.getNode(), outcome.getSubject());
  }

  private static String id(String node, String subject) {
    return node + "\n" + subject;
  }

  private static GraphRequest withoutForce(GraphRequest request) {
    GraphRequest.Builder builder = request.toBuilder().clearNodes();
    for (NodeSelection selection : request.getNodesList()) {
      builder.addNodes(
          selection.getMode() == NodeMode.FORCE
              ? selection.toBuilder().setMode(NodeMode.COMPUTE).build()
              : selection);
    }
    return builder.build();
  }
}
