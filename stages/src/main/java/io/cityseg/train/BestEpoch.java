package io.cityseg.train;

import io.cityseg.proto.EpochHistory;
import java.util.Comparator;

/** Which epoch is the best, by {@code train.best_by}. */
public final class BestEpoch {
  private BestEpoch() {}

  /**
   * Epochs from the worst to the best; of equal ones the first is the best. A loss that is not a
   * number is the worst.
   *
   * @param by "val_mean_iou" or "val_loss"
   */
  public static Comparator<EpochHistory> order(String by) {
    Comparator<EpochHistory> measure =
        switch (by) {
          case "val_mean_iou" -> Comparator.comparingDouble(EpochHistory::getValMeanIou);
          case "val_loss" -> Comparator.comparingDouble(EpochHistory::getValLoss).reversed();
          default ->
              throw new IllegalArgumentException(
                  "train.best_by is '" + by + "' (must be val_mean_iou or val_loss)");
        };
    return measure.thenComparing(EpochHistory::getEpoch, Comparator.reverseOrder());
  }
}
