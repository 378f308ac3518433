package io.cityseg.run;

import static java.util.Objects.requireNonNull;

import io.cityseg.beam.GraphPipeline;
import io.cityseg.graph.MissingResultException;
import io.cityseg.graph.Planner;
import io.cityseg.proto.GraphRequest;
import io.cityseg.proto.NodeMode;
import io.cityseg.proto.NodeSelection;
import io.cityseg.proto.StageOutcome;
import io.cityseg.proto.StageStatus;
import io.cityseg.store.ArtifactStore;
import io.cityseg.store.StoreException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.beam.sdk.Pipeline;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries a request out: plans, runs the graph when anything has to run, and follows it through its
 * journal, which looks the same on every runner. A blob that turns out to be damaged while it is
 * read is made anew by running again, at most twice.
 */
public final class PipelineRun {
  private static final Logger LOG = LoggerFactory.getLogger(PipelineRun.class);
  private static final int MAX_ATTEMPTS = 3;
  private static final long POLL_MILLIS = 250;

  private final ArtifactStore store;
  private final String storeUri;
  private final RunnerChoice runner;
  private final RunListener listener;
  private final Map<String, StageOutcome> outcomes = new LinkedHashMap<>();

  /** A run that has not begun. */
  public PipelineRun(
      ArtifactStore store, String storeUri, RunnerChoice runner, RunListener listener) {
    this.store = requireNonNull(store, "store");
    this.storeUri = requireNonNull(storeUri, "storeUri");
    this.runner = requireNonNull(runner, "runner");
    this.listener = requireNonNull(listener, "listener");
  }

  /**
   * Runs, and returns how every call of the graph ended, in the graph's order: cached, computed,
   * failed, or not reached.
   *
   * @throws MissingResultException when a stage outside the selection has no result
   */
  public List<StageOutcome> execute(GraphRequest request)
      throws StoreException, MissingResultException, InterruptedException {
    GraphRequest attempt = request;
    for (int attempts = 1; ; attempts++) {
      List<Planner.Line> plan = new Planner(store).plan(attempt);
      listener.planned(plan);
      if (plan.stream().allMatch(line -> line.forecast() == Planner.Forecast.CACHED)) {
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
      throws StoreException, InterruptedException {
    Journal journal = new Journal(store.objects(), request.getRunId());
    Pipeline pipeline = Pipeline.create(runner.options());
    GraphPipeline.build(pipeline, request, storeUri, runner.fanOut());
    FutureTask<Void> running =
        new FutureTask<>(
            () -> {
              pipeline.run().waitUntilFinish();
              return null;
            });
    Thread thread = new Thread(running, "cityseg-run");
    thread.setDaemon(true);
    thread.start();
    Optional<String> failure = Optional.empty();
    for (boolean done = false; !done; ) {
      try {
        running.get(POLL_MILLIS, TimeUnit.MILLISECONDS);
        done = true;
      } catch (TimeoutException e) {
        // still running: look at the journal
      } catch (ExecutionException e) {
        LOG.debug("The pipeline failed", e.getCause());
        failure = Optional.of(rootMessage(e.getCause()));
        done = true;
      }
      follow(journal);
    }
    return failure;
  }

  private void follow(Journal journal) throws StoreException {
    journal.outcomes().forEach(this::record);
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
    String id = id(outcome.getNode(), outcome.getSubject());
    StageOutcome before = outcomes.get(id);
    boolean ranBefore = before != null && before.getStatus() == StageStatus.RAN;
    if (outcome.equals(before) || (ranBefore && outcome.getStatus() == StageStatus.CACHED)) {
      return;
    }
    outcomes.put(id, outcome);
    listener.ended(outcome);
  }

  private List<StageOutcome> failed() {
    return outcomes.values().stream()
        .filter(outcome -> outcome.getStatus() == StageStatus.FAILED)
        .toList();
  }

  private List<StageOutcome> withFailure(List<Planner.Line> plan, String message) {
    if (failed().isEmpty()) {
      record(
          StageOutcome.newBuilder()
              .setNode("pipeline")
              .setStage("pipeline")
              .setStatus(StageStatus.FAILED)
              .setReason(message)
              .build());
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

  private static String rootMessage(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null && root.getCause() != root) {
      root = root.getCause();
    }
    return root.getMessage() == null ? root.toString() : root.getMessage();
  }
}
