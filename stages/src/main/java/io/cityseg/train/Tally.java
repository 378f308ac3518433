package io.cityseg.train;

import io.cityseg.proto.EpochTally;
import io.cityseg.score.ConfusionCounts;

/** Sums over an epoch's batches. For one thread. */
final class Tally {
  private final ConfusionCounts confusion;
  private int steps;
  private int losses;
  private double lossSum;

  /** Begins at zero. */
  Tally(int classes) {
    this(new ConfusionCounts(classes));
  }

  private Tally(ConfusionCounts confusion) {
    this.confusion = confusion;
  }

  /** Goes on from stored sums. */
  static Tally of(EpochTally stored) {
    Tally tally = new Tally(ConfusionCounts.of(stored.getConfusion()));
    tally.steps = stored.getSteps();
    tally.losses = stored.getLosses();
    tally.lossSum = stored.getLossSum();
    return tally;
  }

  /** A batch is done. */
  void add(double loss) {
    steps++;
    losses++;
    lossSum += loss;
  }

  /** A batch without a pixel that counts is done: it has no loss. */
  void addWithoutLoss() {
    steps++;
  }

  ConfusionCounts confusion() {
    return confusion;
  }

  /** Batches so far. */
  int steps() {
    return steps;
  }

  /** Mean over the batches that have a loss; 0 when none has. */
  double meanLoss() {
    return losses == 0 ? 0 : lossSum / losses;
  }

  EpochTally toProto() {
    return EpochTally.newBuilder()
        .setSteps(steps)
        .setLosses(losses)
        .setLossSum(lossSum)
        .setConfusion(confusion.toProto())
        .build();
  }
}
