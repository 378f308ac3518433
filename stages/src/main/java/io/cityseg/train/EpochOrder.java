package io.cityseg.train;

import io.cityseg.augment.RandomStream;
import java.util.ArrayList;
import java.util.List;

/**
 * What one epoch shows to the network and in which order. It follows from the seed, the epoch's
 * number and the item's place in the split alone, so that an epoch is the same whoever trains it
 * and whatever was trained before.
 *
 * @param batches every item exactly once, shuffled, in batches of at least two
 */
record EpochOrder(List<List<Pick>> batches) {
  /** An item's place in the split, and whether it is mirrored left to right in this epoch. */
  record Pick(int item, boolean mirrored) {}

  EpochOrder {
    batches = batches.stream().map(List::copyOf).toList();
  }

  /**
   * Draws an epoch.
   *
   * <p>The last batch may be smaller than the others and is kept, as in the reference run. When a
   * single image would be left for it, that image joins the batch before, because batch
   * normalisation over the pooled 1 x 1 map needs two values a channel (PyTorch refuses one, too).
   *
   * @param items number of items, at least 2
   * @param batchSize at least 2
   * @param flipProbability 0..1
   * @param epoch counted from 1
   */
  static EpochOrder of(int items, int batchSize, double flipProbability, long seed, int epoch) {
    if (items < 2 || batchSize < 2) {
      throw new IllegalArgumentException(
          "Invalid epoch: %d items in batches of %d (both must be at least 2)"
              .formatted(items, batchSize));
    }
    var order = new RandomStream(seed, "order", epoch);
    int[] shuffled = new int[items];
    for (int i = 0; i < items; i++) { // Fisher-Yates, from the inside out
      int j = order.nextInt(i + 1);
      shuffled[i] = shuffled[j];
      shuffled[j] = i;
    }
    List<Pick> picks = new ArrayList<>(items);
    for (int item : shuffled) {
      boolean mirrored = new RandomStream(seed, "flip", epoch, item).nextDouble() < flipProbability;
      picks.add(new Pick(item, mirrored));
    }
    return new EpochOrder(cut(picks, batchSize));
  }

  /** Number of steps that an epoch takes. */
  static int steps(int items, int batchSize) {
    return Math.max(1, items / batchSize + (items % batchSize > 1 ? 1 : 0));
  }

  private static List<List<Pick>> cut(List<Pick> picks, int batchSize) {
    int steps = steps(picks.size(), batchSize);
    List<List<Pick>> batches = new ArrayList<>(steps);
    for (int i = 0; i < steps; i++) {
      int end = i == steps - 1 ? picks.size() : (i + 1) * batchSize;
      batches.add(picks.subList(i * batchSize, end));
    }
    return batches;
  }
}
