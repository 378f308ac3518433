package io.cityseg.journal;

import io.cityseg.graph.Graph;
import io.cityseg.proto.EvaluationManifest;
import io.cityseg.proto.HeadlineMetric;
import io.cityseg.proto.RunRecord;
import io.cityseg.proto.StageOutcome;
import io.cityseg.proto.StageStatus;
import io.cityseg.store.ArtifactStore;
import io.cityseg.store.StoreException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** What a run's record says once the run has ended. */
public final class CompletedRecord {
  private static final Set<String> EVALUATIONS = Set.of(Graph.BASELINE, "evaluate");

  private CompletedRecord() {}

  /**
   * The record of a run that has just ended: its stages, numbers, report, status and time.
   *
   * @param begun what the record said until now
   * @param outcomes in the graph's order
   */
  public static RunRecord of(RunRecord begun, List<StageOutcome> outcomes, ArtifactStore store)
      throws StoreException {
    RunRecord.Builder ended = begun.toBuilder().clearStages().addAllStages(outcomes);
    outcomes.stream()
        .filter(outcome -> outcome.getNode().equals("report") && outcome.hasOutput())
        .forEach(outcome -> ended.setReport(outcome.getOutput()));
    boolean failed = outcomes.stream().anyMatch(CompletedRecord::isFailure);
    return ended
        .clearMetrics()
        .addAllMetrics(metrics(outcomes, store))
        .setStatus(failed ? RunStatus.FAILED : RunStatus.DONE)
        .setFinishedAtMillis(System.currentTimeMillis())
        .build();
  }

  private static boolean isFailure(StageOutcome outcome) {
    return outcome.getStatus() == StageStatus.FAILED
        || outcome.getStatus() == StageStatus.NOT_REACHED;
  }

  private static List<HeadlineMetric> metrics(List<StageOutcome> outcomes, ArtifactStore store)
      throws StoreException {
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
