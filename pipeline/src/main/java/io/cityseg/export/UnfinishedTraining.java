package io.cityseg.export;

import io.cityseg.graph.Graph;
import io.cityseg.graph.Node;
import io.cityseg.graph.Results;
import io.cityseg.proto.ActionKey;
import io.cityseg.proto.EpochMetrics;
import io.cityseg.proto.GraphRequest;
import io.cityseg.proto.RunRecord;
import io.cityseg.proto.StageCall;
import io.cityseg.proto.StageOutcome;
import io.cityseg.stage.StageKeys;
import io.cityseg.stage.Stopwatch;
import io.cityseg.store.ArtifactStore;
import io.cityseg.store.StoreException;
import io.cityseg.train.TrainingHistory;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The epochs of a training that has no result: one under way, stopped or failed. */
final class UnfinishedTraining {
  private UnfinishedTraining() {}

  /**
   * The epochs that the store has. Their keys are made again from what the run had made by then, so
   * there are none before its shards and its initial checkpoint are there, nor of a run of another
   * version of this program, whose keys may have been others.
   *
   * @param run with the outcomes of its stages so far
   */
  static List<EpochMetrics> epochs(RunRecord run, ArtifactStore store) throws StoreException {
    Node train = Graph.node("train");
    Map<String, List<StageOutcome>> made =
        run.getStagesList().stream()
            .filter(StageOutcome::hasOutput)
            .collect(Collectors.groupingBy(StageOutcome::getNode));
    if (!run.getVersion().equals(Stopwatch.version())
        || !made.keySet().containsAll(train.upstream())) {
      return List.of();
    }
    GraphRequest request =
        GraphRequest.newBuilder().setRunId(run.getId()).setConfig(run.getConfig()).build();
    StageCall call = train.wiring().calls(request, new Results(made, store)).get(0);
    ActionKey key = StageKeys.of(train.stage(), call);
    return TrainingHistory.soFar(key, run.getConfig().getTrain(), store);
  }
}
