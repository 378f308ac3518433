package io.cityseg.score;

import static java.util.Objects.requireNonNull;

import io.cityseg.labels.CityscapesLabels;
import io.cityseg.labels.Label;
import java.util.List;
import java.util.Optional;

/**
 * All that an image adds to the scores: integers alone, so that nothing depends on who counted
 * first.
 *
 * @param confusion pixels of every pair of regular ids, rows = ground truth
 * @param instances the ground truth's instances of labels that are evaluated, in ascending order of
 *     their numbers
 * @param boundaries boundary regions of every regular id, where they are asked for
 */
public record ImageCounts(
    ConfusionCounts confusion, List<Instance> instances, Optional<BoundaryCounts> boundaries) {
  /** Regular ids: 0..33. */
  public static final int IDS = CityscapesLabels.all().size() - 1;

  public ImageCounts {
    requireNonNull(confusion, "confusion");
    requireNonNull(boundaries, "boundaries");
    instances = List.copyOf(instances);
    if (confusion.classes() != IDS) {
      throw new IllegalArgumentException(
          "Invalid confusion matrix: %d ids (must be %d)".formatted(confusion.classes(), IDS));
    }
  }

  /** Without boundary regions. */
  ImageCounts(ConfusionCounts confusion, List<Instance> instances) {
    this(confusion, instances, Optional.empty());
  }

  /**
   * An instance of the ground truth.
   *
   * @param label its label
   * @param pixels its size
   * @param hits pixels of it that are predicted as its label
   * @param categoryHits pixels of it that are predicted as any label of its category
   */
  public record Instance(Label label, long pixels, long hits, long categoryHits) {
    public Instance {
      requireNonNull(label, "label");
      if (hits < 0 || categoryHits < hits || pixels < categoryHits || pixels == 0) {
        throw new IllegalArgumentException(
            "Invalid instance of %s: %d pixels, %d hits, %d in its category"
                .formatted(label.name(), pixels, hits, categoryHits));
      }
    }
  }

  /** Pixels whose ground truth is ignored; the official file calls them nbNotIgnoredPixels. */
  long ignoredPixels() {
    long sum = 0;
    for (int id = 0; id < IDS; id++) {
      if (!isEvaluated(id)) {
        sum += confusion.targetPixels(id);
      }
    }
    return sum;
  }

  /**
   * Those of them where the prediction is another id; the official file calls them nbCorrectPixels.
   */
  long ignoredPixelsThatDiffer() {
    long same = 0;
    for (int id = 0; id < IDS; id++) {
      if (!isEvaluated(id)) {
        same += confusion.count(id, id);
      }
    }
    return ignoredPixels() - same;
  }

  /** Whether the official evaluation counts a regular id's ground truth. */
  static boolean isEvaluated(int id) {
    return CityscapesLabels.ofId(id).orElseThrow().isTrained();
  }
}
