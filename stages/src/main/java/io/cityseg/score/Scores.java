package io.cityseg.score;

import static java.util.Objects.requireNonNull;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What the official evaluation says. Scores are 0 to 1, or NaN where there is nothing to score;
 * names are in the order of the label table.
 *
 * @param confusion pixels of every pair of regular ids, rows = ground truth
 * @param priors each label's share of the ground truth's pixels
 * @param classes IoU of every label, NaN for the ignored
 * @param categories IoU of the categories
 * @param instances iIoU; none where the ground truth has no instanceIds
 * @param images for every prediction's path: what the official file says of it
 * @param boundaries boundary IoU, which the official evaluation has not; none where it was not
 *     asked for
 */
public record Scores(
    ConfusionCounts confusion,
    Map<String, Double> priors,
    Map<String, Double> classes,
    Map<String, Double> categories,
    Optional<InstanceScores> instances,
    Map<String, ImageScore> images,
    Optional<BoundaryScores> boundaries) {
  public Scores {
    requireNonNull(confusion, "confusion");
    requireNonNull(instances, "instances");
    requireNonNull(boundaries, "boundaries");
    priors = inOrder(priors);
    classes = inOrder(classes);
    categories = inOrder(categories);
    images = inOrder(images);
  }

  /** The official scores alone. */
  public Scores(
      ConfusionCounts confusion,
      Map<String, Double> priors,
      Map<String, Double> classes,
      Map<String, Double> categories,
      Optional<InstanceScores> instances,
      Map<String, ImageScore> images) {
    this(confusion, priors, classes, categories, instances, images, Optional.empty());
  }

  /**
   * Boundary scores: see {@link BoundaryCounter}.
   *
   * @param dilationRatio the width of boundary regions as a part of the image's diagonal
   * @param counts pixels of every regular id's regions, summed over images
   * @param classes boundary IoU of every label, NaN for the ignored
   */
  public record BoundaryScores(
      double dilationRatio, BoundaryCounts counts, Map<String, Double> classes) {
    public BoundaryScores {
      requireNonNull(counts, "counts");
      classes = inOrder(classes);
    }
  }

  /**
   * Instance-level scores.
   *
   * @param classes iIoU of every label, NaN where it has no instances
   * @param categories iIoU of the categories, NaN where not all of its labels have instances
   */
  public record InstanceScores(Map<String, Double> classes, Map<String, Double> categories) {
    public InstanceScores {
      classes = inOrder(classes);
      categories = inOrder(categories);
    }
  }

  /**
   * What the official file says of an image. Its names for the two numbers, nbNotIgnoredPixels and
   * nbCorrectPixels, say the opposite of what they count.
   *
   * @param ignoredPixels pixels whose ground truth is ignored
   * @param differingPixels those among them where the prediction is another id
   */
  public record ImageScore(long ignoredPixels, long differingPixels) {
    public ImageScore {
      if (differingPixels < 0 || ignoredPixels < differingPixels) {
        throw new IllegalArgumentException(
            "Invalid score of an image: %d of %d pixels".formatted(differingPixels, ignoredPixels));
      }
    }
  }

  /** The mean of the scores that are numbers, summed in their order; NaN where there is none. */
  public static double average(Map<String, Double> scores) {
    double sum = 0;
    int count = 0;
    for (double score : scores.values()) {
      if (!Double.isNaN(score)) {
        sum += score;
        count++;
      }
    }
    return count == 0 ? Double.NaN : sum / count;
  }

  private static <T> Map<String, T> inOrder(Map<String, T> map) {
    return Collections.unmodifiableMap(new LinkedHashMap<>(map));
  }
}
