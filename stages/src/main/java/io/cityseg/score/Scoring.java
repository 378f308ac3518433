package io.cityseg.score;

import io.cityseg.labels.CityscapesLabels;
import io.cityseg.labels.Label;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;

/**
 * From counts to scores, as {@code evalPixelLevelSemanticLabeling} computes them; the license plate
 * (id -1) takes no part. The counts are exact; the weighted sums run over images in the order in
 * which they are added, and over instances in ascending order. For one thread.
 */
public final class Scoring {
  private static final List<Label> LABELS =
      CityscapesLabels.all().stream().filter(label -> label.id() >= 0).toList();
  private static final List<String> CATEGORIES =
      LABELS.stream().map(Label::category).distinct().toList();

  private final ConfusionCounts confusion = new ConfusionCounts(ImageCounts.IDS);
  private final Optional<Double> dilationRatio;
  private BoundaryCounts boundaries = BoundaryCounts.none(ImageCounts.IDS);
  private final InstanceWeights weights = new InstanceWeights();
  private final Map<String, Scores.ImageScore> images = new LinkedHashMap<>();

  /** The official scores alone. */
  public Scoring() {
    this(Optional.empty());
  }

  /**
   * Begins with no image.
   *
   * @param dilationRatio of the boundary scores, where they are asked for: every image has
   *     boundaries then
   */
  public Scoring(Optional<Double> dilationRatio) {
    this.dilationRatio = dilationRatio;
  }

  /** Adds pixels of any number of images. */
  public void add(ConfusionCounts pixels) {
    confusion.merge(pixels);
  }

  /** Adds the instances of an image. */
  public void add(List<ImageCounts.Instance> instances) {
    instances.forEach(weights::add);
  }

  /**
   * Adds boundary regions of any number of images.
   *
   * @throws IllegalStateException when boundary scores were not asked for
   */
  public void add(BoundaryCounts regions) {
    if (dilationRatio.isEmpty()) {
      throw new IllegalStateException("boundary scores were not asked for");
    }
    boundaries = boundaries.plus(regions);
  }

  /** Adds an image. */
  void add(String prediction, ImageCounts image) {
    add(image.confusion());
    add(image.instances());
    if (dilationRatio.isPresent()) {
      add(image.boundaries().orElseThrow());
    }
    images.put(
        prediction, new Scores.ImageScore(image.ignoredPixels(), image.ignoredPixelsThatDiffer()));
  }

  /**
   * The scores of all images added.
   *
   * @param hasInstances whether the ground truth has instances, without which there is no iIoU
   */
  public Scores scores(boolean hasInstances) {
    return new Scores(
        confusion,
        ofLabels(this::prior),
        ofLabels(this::iou),
        ofCategories(this::iou),
        hasInstances
            ? Optional.of(
                new Scores.InstanceScores(
                    ofLabels(this::instanceIou), ofCategories(this::instanceIou)))
            : Optional.empty(),
        images,
        dilationRatio.map(
            ratio -> new Scores.BoundaryScores(ratio, boundaries, ofLabels(this::boundaryIou))));
  }

  private double boundaryIou(Label label) {
    return label.isTrained() ? boundaries.iou(label.id()) : Double.NaN;
  }

  private double prior(Label label) {
    long all = LABELS.stream().mapToLong(l -> confusion.targetPixels(l.id())).sum();
    return (double) confusion.targetPixels(label.id()) / all;
  }

  private double iou(Label label) {
    if (!label.isTrained()) {
      return Double.NaN;
    }
    long hits = confusion.count(label.id(), label.id());
    long misses = confusion.targetPixels(label.id()) - hits;
    return ratio(hits, falseAlarms(label), misses);
  }

  private double instanceIou(Label label) {
    return label.isTrained() && label.hasInstances()
        ? weightedRatio(weights.hits(label), falseAlarms(label), weights.misses(label))
        : Double.NaN;
  }

  /** Where the ground truth is another label that is not ignored. */
  private long falseAlarms(Label label) {
    return pixels(other -> other.isTrained() && !other.equals(label), label::equals);
  }

  private double iou(String category) {
    Predicate<Label> inside = label -> label.category().equals(category) && label.isTrained();
    long hits = pixels(inside, inside);
    long misses = pixels(inside, label -> true) - hits;
    return ratio(hits, pixels(outside(category), inside), misses);
  }

  /** For categories whose labels all have instances, the ignored ones among them. */
  private double instanceIou(String category) {
    Predicate<Label> inside = label -> label.category().equals(category);
    return LABELS.stream().filter(inside).allMatch(Label::hasInstances)
        ? weightedRatio(
            weights.hits(category), pixels(outside(category), inside), weights.misses(category))
        : Double.NaN;
  }

  private static Predicate<Label> outside(String category) {
    return label -> label.isTrained() && !label.category().equals(category);
  }

  private long pixels(Predicate<Label> rows, Predicate<Label> columns) {
    long sum = 0;
    for (Label row : LABELS) {
      for (Label column : LABELS) {
        if (rows.test(row) && columns.test(column)) {
          sum += confusion.count(row.id(), column.id());
        }
      }
    }
    return sum;
  }

  private static double ratio(long hits, long falseAlarms, long misses) {
    long all = hits + falseAlarms + misses;
    return all == 0 ? Double.NaN : (double) hits / all;
  }

  /** The sum's order is the official one: it decides the last bit. */
  private static double weightedRatio(double hits, long falseAlarms, double misses) {
    double all = hits + (double) falseAlarms + misses;
    return all == 0 ? Double.NaN : hits / all;
  }

  private static Map<String, Double> ofLabels(ToDoubleFunction<Label> score) {
    Map<String, Double> scores = new LinkedHashMap<>();
    LABELS.forEach(label -> scores.put(label.name(), score.applyAsDouble(label)));
    return scores;
  }

  private static Map<String, Double> ofCategories(ToDoubleFunction<String> score) {
    Map<String, Double> scores = new LinkedHashMap<>();
    CATEGORIES.forEach(category -> scores.put(category, score.applyAsDouble(category)));
    return scores;
  }
}
