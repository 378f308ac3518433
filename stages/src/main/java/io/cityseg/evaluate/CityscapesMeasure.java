package io.cityseg.evaluate;

import io.cityseg.labels.CityscapesLabels;
import io.cityseg.labels.Label;
import io.cityseg.proto.ArtifactRef;
import io.cityseg.proto.CityscapesCounts;
import io.cityseg.proto.CityscapesMetrics;
import io.cityseg.proto.ImageInstances;
import io.cityseg.proto.InstanceCount;
import io.cityseg.proto.LabelScore;
import io.cityseg.score.BoundaryCounts;
import io.cityseg.score.ConfusionCounts;
import io.cityseg.score.ImageCounts;
import io.cityseg.score.Scores;
import io.cityseg.score.Scoring;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.DoubleConsumer;

/**
 * The measure {@code cityscapes}: the official evaluation, from pieces' counts to scores. The
 * weighted sums of iIoU run over images in the order in which the official script finds their
 * files, so that every last bit is that of {@link io.cityseg.score.PixelEvaluation} on PNGs of the
 * same predictions, whatever the shards.
 */
public final class CityscapesMeasure {
  /** How stored numbers say which measure they are. */
  public static final String NAME = "cityscapes";

  private static final Comparator<ImageInstances> FILE_ORDER =
      Comparator.comparing(image -> image.getCity() + "/" + image.getId());

  private CityscapesMeasure() {}

  /**
   * The scores of all pieces together.
   *
   * @param sources the SourcesManifest that were evaluated
   * @param prediction how predictions were made, for people
   * @param dilationRatio of boundary regions, where every piece has counted them
   */
  static CityscapesMetrics of(
      List<CityscapesCounts> pieces,
      ArtifactRef sources,
      String prediction,
      Optional<Double> dilationRatio) {
    Scoring scoring = new Scoring(dilationRatio);
    for (CityscapesCounts piece : pieces) {
      scoring.add(ConfusionCounts.of(piece.getConfusion()));
      if (dilationRatio.isPresent()) {
        scoring.add(BoundaryCounts.of(piece.getBoundary()));
      }
    }
    List<ImageInstances> images = new ArrayList<>();
    pieces.forEach(piece -> images.addAll(piece.getImagesList()));
    images.sort(FILE_ORDER);
    images.forEach(
        image ->
            scoring.add(image.getInstancesList().stream().map(CityscapesMeasure::read).toList()));
    long without = images.stream().filter(image -> !image.getAvailable()).count();
    Scores scores = scoring.scores(without == 0);
    var metrics =
        CityscapesMetrics.newBuilder()
            .setSources(sources)
            .setPrediction(prediction)
            .setConfusion(scores.confusion().toProto())
            .setImages(images.size())
            .setImagesWithoutInstances(without);
    addScores(scores, metrics);
    setNumber(Scores.average(scores.classes()), metrics::setMeanIou);
    setNumber(Scores.average(scores.categories()), metrics::setMeanCategoryIou);
    scores
        .instances()
        .ifPresent(
            scored -> {
              setNumber(Scores.average(scored.classes()), metrics::setMeanInstanceIou);
              setNumber(Scores.average(scored.categories()), metrics::setMeanCategoryInstanceIou);
            });
    scores
        .boundaries()
        .ifPresent(
            scored -> {
              metrics.setBoundary(scored.counts().toProto());
              metrics.setBoundaryDilationRatio(scored.dilationRatio());
              setNumber(Scores.average(scored.classes()), metrics::setMeanBoundaryIou);
            });
    return metrics.build();
  }

  private static void addScores(Scores scores, CityscapesMetrics.Builder metrics) {
    Optional<Scores.InstanceScores> instances = scores.instances();
    for (Label label : CityscapesLabels.all()) {
      if (label.isTrained()) {
        LabelScore.Builder score =
            score(label.name(), scores.classes(), instances.map(Scores.InstanceScores::classes));
        scores
            .boundaries()
            .ifPresent(all -> setNumber(all.classes().get(label.name()), score::setBoundaryIou));
        metrics.addClasses(score);
      }
    }
    CityscapesLabels.all().stream()
        .filter(Label::isTrained)
        .map(Label::category)
        .distinct()
        .map(
            category ->
                score(
                    category,
                    scores.categories(),
                    instances.map(Scores.InstanceScores::categories)))
        .forEach(metrics::addCategories);
  }

  private static ImageCounts.Instance read(InstanceCount instance) {
    return new ImageCounts.Instance(
        CityscapesLabels.ofId(instance.getLabelId()).orElseThrow(),
        instance.getPixels(),
        instance.getHits(),
        instance.getCategoryHits());
  }

  private static LabelScore.Builder score(
      String name, Map<String, Double> scores, Optional<Map<String, Double>> instanceScores) {
    var score = LabelScore.newBuilder().setName(name);
    setNumber(scores.get(name), score::setIou);
    instanceScores.ifPresent(all -> setNumber(all.get(name), score::setInstanceIou));
    return score;
  }

  /** NaN is the official word for nothing to score; here that is absent. */
  private static void setNumber(double value, DoubleConsumer field) {
    if (!Double.isNaN(value)) {
      field.accept(value);
    }
  }
}
