package io.cityseg.train;

import io.cityseg.proto.ActionKey;
import io.cityseg.proto.ActionRecord;
import io.cityseg.proto.ArtifactRef;
import io.cityseg.proto.EpochMetrics;
import io.cityseg.proto.ExecutionFacts;
import io.cityseg.proto.TrainConfig;
import io.cityseg.proto.TrainedEpoch;
import io.cityseg.proto.TrainingManifest;
import io.cityseg.store.ActionCache;
import io.cityseg.store.ArtifactStore;
import io.cityseg.store.Digest;
import io.cityseg.store.StoreException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The history of a training with its times. The times are in the epochs' records alone: the
 * artifacts hold none, so that the same training gives the same bytes.
 */
public final class TrainingHistory {
  private TrainingHistory() {}

  /**
   * All epochs of a training, in their order. An epoch whose record is gone has no times.
   *
   * @param training a TrainingManifest
   * @param key the key of stage train's action
   */
  public static List<EpochMetrics> of(ArtifactRef training, Digest key, ArtifactStore store)
      throws StoreException {
    List<TrainedEpoch> epochs =
        store.readManifest(training, TrainingManifest.parser()).getEpochsList();
    var actions = new ActionCache(store);
    Optional<ActionRecord> whole = actions.record("train", key);
    List<Optional<ActionRecord>> records =
        whole.isPresent()
            ? EpochActions.records(whole.get().getKey(), epochs, actions)
            : epochs.stream().map(epoch -> Optional.<ActionRecord>empty()).toList();
    List<EpochMetrics> metrics = new ArrayList<>();
    for (int i = 0; i < epochs.size(); i++) {
      var epoch = EpochMetrics.newBuilder().setHistory(epochs.get(i).getHistory());
      records.get(i).ifPresent(record -> putTimes(record.getFacts(), epoch));
      metrics.add(epoch.build());
    }
    return metrics;
  }

  /**
   * The epochs of a training that has no result yet, or never had one: those that the store has.
   *
   * @param key of stage train's action
   * @param config its section of the configuration
   */
  public static List<EpochMetrics> soFar(ActionKey key, TrainConfig config, ArtifactStore store)
      throws StoreException {
    List<EpochMetrics> metrics = new ArrayList<>();
    EpochActions.soFar(key, EpochRules.of(config), store)
        .forEach(
            (manifest, record) -> {
              var epoch = EpochMetrics.newBuilder().setHistory(manifest.getHistory());
              putTimes(record.getFacts(), epoch);
              metrics.add(epoch.build());
            });
    return metrics;
  }

  private static void putTimes(ExecutionFacts facts, EpochMetrics.Builder epoch) {
    epoch
        .setFinishedAtMillis(facts.getStartedAtMillis() + facts.getDurationMillis())
        .setDurationMillis(facts.getDurationMillis());
    if (facts.hasTraining()) {
      epoch.setPace(facts.getTraining());
    }
  }
}
