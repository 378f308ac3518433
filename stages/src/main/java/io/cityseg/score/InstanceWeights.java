package io.cityseg.score;

import io.cityseg.labels.CityscapesLabels;
import io.cityseg.labels.Label;
import java.util.HashMap;
import java.util.Map;

/**
 * Sums of instances' pixels, each weighted with its label's average size over its own size, so that
 * a small instance counts as much as a large one. Floating-point sums: the order of the calls
 * decides the last bits. For one thread.
 */
final class InstanceWeights {
  /** Pixels of an average instance: args.avgClassSize of evalPixelLevelSemanticLabeling, 2.3.0. */
  private static final Map<String, Double> AVERAGE_SIZE =
      Map.of(
          "bicycle", 4672.3249222261,
          "caravan", 36771.8241758242,
          "motorcycle", 6298.7200839748,
          "rider", 3930.4788056518,
          "bus", 35732.1511111111,
          "train", 67583.7075812274,
          "car", 12794.0202738185,
          "person", 3462.4756337644,
          "truck", 27855.1264367816,
          "trailer", 16926.9763313609);

  private final double[] hits = new double[ImageCounts.IDS];
  private final double[] misses = new double[ImageCounts.IDS];
  private final Map<String, double[]> categories;

  InstanceWeights() {
    Map<String, double[]> sums = new HashMap<>();
    CityscapesLabels.all().forEach(label -> sums.put(label.category(), new double[2]));
    categories = Map.copyOf(sums);
  }

  /** Adds an instance of a label that is evaluated. */
  void add(ImageCounts.Instance instance) {
    Label label = instance.label();
    double weight = AVERAGE_SIZE.get(label.name()) / instance.pixels();
    hits[label.id()] += instance.hits() * weight;
    misses[label.id()] += (instance.pixels() - instance.hits()) * weight;
    double[] category = categories.get(label.category());
    category[0] += instance.categoryHits() * weight;
    category[1] += (instance.pixels() - instance.categoryHits()) * weight;
  }

  /** Weighted true positives of a label. */
  double hits(Label label) {
    return hits[label.id()];
  }

  /** Weighted false negatives of a label. */
  double misses(Label label) {
    return misses[label.id()];
  }

  /** Weighted true positives of a category. */
  double hits(String category) {
    return categories.get(category)[0];
  }

  /** Weighted false negatives of a category. */
  double misses(String category) {
    return categories.get(category)[1];
  }
}
