package io.cityseg.train;

import static java.util.Objects.requireNonNull;

import io.cityseg.proto.EpochHistory;
import io.cityseg.proto.EpochManifest;
import io.cityseg.proto.TrainConfig;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What the measures of the epochs decide: when training ends, and whose checkpoints are kept.
 *
 * @param epochs at most so many
 * @param patience epochs in a row without a better one after which training ends; 0 for never
 * @param keep "all", "last", "best" or "every"
 * @param every with "every": which are kept
 * @param order from the worst to the best
 */
record EpochRules(
    int epochs, int patience, String keep, int every, Comparator<EpochHistory> order) {
  EpochRules {
    requireNonNull(keep, "keep");
    requireNonNull(order, "order");
    if (epochs < 1 || patience < 0 || every < 1) {
      throw new IllegalArgumentException(
          "Invalid rules: %d epochs, patience %d, every %d-th kept"
              .formatted(epochs, patience, every));
    }
  }

  static EpochRules of(TrainConfig config) {
    return new EpochRules(
        config.getEpochs(),
        config.getEarlyStoppingPatience(),
        config.getKeep(),
        config.getKeepEvery(),
        BestEpoch.order(config.getBestBy()));
  }

  /** Whether training ends with the last of these epochs, which are all up to it. */
  boolean end(List<EpochManifest> done) {
    if (done.size() >= epochs) {
      return true;
    }
    return patience > 0 && !done.isEmpty() && done.size() - best(done) >= patience;
  }

  /** The epochs, counted from 1, whose checkpoints are kept once all of these are done. */
  Set<Integer> kept(List<EpochManifest> done) {
    Set<Integer> kept = new HashSet<>();
    if (done.isEmpty()) {
      return kept;
    }
    kept.add(done.size());
    switch (keep) {
      case "all" -> done.forEach(epoch -> kept.add(epoch.getEpoch()));
      case "best" -> kept.add(best(done));
      case "every" ->
          done.stream()
              .map(EpochManifest::getEpoch)
              .filter(epoch -> epoch % every == 0)
              .forEach(kept::add);
      case "last" -> {}
      default ->
          throw new IllegalArgumentException(
              "train.keep is '" + keep + "' (must be all, last, best or every)");
    }
    return kept;
  }

  private int best(List<EpochManifest> done) {
    return done.stream()
        .map(EpochManifest::getHistory)
        .max(order)
        .map(EpochHistory::getEpoch)
        .orElseThrow();
  }
}
