package io.cityseg.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import io.cityseg.image.GreyImage;
import io.cityseg.image.ImageCodec;
import io.cityseg.image.LabelPng;
import io.cityseg.image.PixelSize;
import io.cityseg.image.RgbImage;
import io.cityseg.labels.LabelEncoding;
import io.cityseg.labels.LabelFiles;
import io.cityseg.model.SegmentationNetwork;
import io.cityseg.proto.ArtifactRef;
import io.cityseg.proto.CheckpointManifest;
import io.cityseg.proto.CityscapesMetrics;
import io.cityseg.proto.DatasetManifest;
import io.cityseg.proto.EvaluateConfig;
import io.cityseg.proto.EvaluationManifest;
import io.cityseg.proto.LabelScore;
import io.cityseg.proto.Piece;
import io.cityseg.proto.Prediction;
import io.cityseg.proto.SourceItem;
import io.cityseg.proto.SourcesManifest;
import io.cityseg.proto.SplitManifest;
import io.cityseg.score.BoundaryCounter;
import io.cityseg.score.BoundaryCounts;
import io.cityseg.score.ConfusionCounts;
import io.cityseg.score.PixelEvaluation;
import io.cityseg.score.Scores;
import io.cityseg.stage.StageException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The measure cityscapes in the stage, against the official evaluation of the same predictions. */
class FullSizeEvaluationTest {
  private static final PixelSize TRAINING_SIZE =
      new PixelSize(DrawnDataSet.SHARD_HEIGHT, DrawnDataSet.SHARD_WIDTH);

  @TempDir static Path folder;
  private static DrawnDataSet data;
  private static DatasetManifest dataset;
  private static ArtifactRef checkpoint;
  private static ArtifactRef val;

  @BeforeAll
  static void draw() throws Exception {
    data = DrawnDataSet.draw(folder, 3);
    dataset = data.ingest();
    checkpoint = data.checkpoint();
    val = data.shards(dataset, 2);
  }

  static Stream<EvaluateConfig> configurations() {
    return Stream.of(
        DrawnDataSet.config("both").build(),
        DrawnDataSet.config("cityscapes").build(),
        DrawnDataSet.config("cityscapes").setInput("original").build(),
        DrawnDataSet.config("both").setInput("original").setFlip(true).build(),
        DrawnDataSet.config("both")
            .clearScales()
            .addScales(0.5)
            .addScales(1.25)
            .setWindow("24x24")
            .setWindowStride("16x20")
            .build());
  }

  @ParameterizedTest
  @MethodSource("configurations")
  void evaluate_byTheMeasureCityscapes_givesTheOfficialScoresOfTheSamePredictions(
      EvaluateConfig config) throws Exception {
    EvaluationManifest evaluation =
        data.evaluate(DrawnDataSet.call(config, checkpoint, val, dataset));

    Scores official = officialScores(config, Files.createTempDirectory(folder, "predictions"));
    CityscapesMetrics metrics = evaluation.getCityscapes();
    assertThat(ConfusionCounts.of(metrics.getConfusion()).toProto())
        .isEqualTo(official.confusion().toProto());
    Scores.InstanceScores instances = official.instances().orElseThrow();
    assertThat(metrics.getClassesList()).hasSize(19);
    assertThat(metrics.getCategoriesList()).hasSize(7);
    assertSame(metrics.getClassesList(), official.classes(), instances.classes());
    assertSame(metrics.getCategoriesList(), official.categories(), instances.categories());
    assertThat(metrics.getMeanIou()).isEqualTo(Scores.average(official.classes()));
    assertThat(metrics.getMeanCategoryIou()).isEqualTo(Scores.average(official.categories()));
    assertThat(metrics.getMeanInstanceIou()).isEqualTo(Scores.average(instances.classes()));
    assertThat(metrics.getMeanCategoryInstanceIou())
        .isEqualTo(Scores.average(instances.categories()));
    assertThat(metrics.getImages()).isEqualTo(3);
    assertThat(metrics.getImagesWithoutInstances()).isZero();
  }

  @Test
  void evaluate_withBoundaries_givesThoseOfTheSamePredictions() throws Exception {
    for (EvaluateConfig.Builder config :
        List.of(DrawnDataSet.config("both"), DrawnDataSet.config("both").setFlip(true))) {
      EvaluationManifest without = evaluate(config);
      CityscapesMetrics metrics = evaluate(config.setBoundary(true)).getCityscapes();

      Scores.BoundaryScores official =
          officialScores(config.build(), Files.createTempDirectory(folder, "boundaries"))
              .boundaries()
              .orElseThrow();
      assertThat(BoundaryCounts.of(metrics.getBoundary())).isEqualTo(official.counts());
      assertThat(metrics.getBoundaryDilationRatio()).isEqualTo(0.02);
      assertThat(metrics.getMeanBoundaryIou()).isEqualTo(Scores.average(official.classes()));
      for (LabelScore score : metrics.getClassesList()) {
        assertThat(score.hasBoundaryIou() ? Optional.of(score.getBoundaryIou()) : Optional.empty())
            .as("boundary IoU of " + score.getName())
            .isEqualTo(number(official.classes().get(score.getName())));
      }
      assertThat(metrics.getCategoriesList()).noneMatch(LabelScore::hasBoundaryIou);
      assertThat(withoutBoundaries(metrics)).isEqualTo(without.getCityscapes());
    }
  }

  @Test
  void split_whenBoundariesAreAskedFor_changesTheKeysOfTheOfficialMeasureAlone() throws Exception {
    EvaluateConfig.Builder apart = DrawnDataSet.config("both").setFlip(true);
    List<Piece> before = pieces(apart, dataset);
    List<Piece> after = pieces(apart.setBoundary(true), dataset);

    assertThat(after).hasSize(4);
    for (int i = 0; i < 4; i++) {
      boolean paper = i % 2 == 0;
      assertThat(after.get(i).getKey().equals(before.get(i).getKey()))
          .as("key of piece %d is the same", i)
          .isEqualTo(paper);
    }
    assertThat(before.get(1).getKey().getParametersList())
        .as("a key without boundaries is what it was before they came")
        .noneMatch(parameter -> parameter.getName().equals("evaluate.boundary"));
  }

  @Test
  void evaluate_byBothMeasures_keepsTheNumbersOfEach() throws Exception {
    EvaluationManifest paper = evaluate(DrawnDataSet.config("paper"));
    EvaluationManifest cityscapes = evaluate(DrawnDataSet.config("cityscapes"));
    EvaluationManifest both = evaluate(DrawnDataSet.config("both"));
    EvaluationManifest apart = evaluate(DrawnDataSet.config("both").setFlip(true));

    assertThat(both.toBuilder().clearCityscapes().build()).isEqualTo(paper);
    assertThat(apart.toBuilder().clearCityscapes().build()).isEqualTo(paper);
    assertThat(both.getCityscapes()).isEqualTo(cityscapes.getCityscapes());
    assertThat(cityscapes.getMeasure()).isEmpty();
    assertThat(cityscapes.hasConfusion()).isFalse();
    assertThat(cityscapes.hasMeanIou()).isFalse();
    assertThat(cityscapes.getPredictionsList())
        .extracting(Prediction::getId)
        .containsExactlyElementsOf(
            paper.getPredictionsList().stream().map(Prediction::getId).toList());
    GreyImage picture =
        ImageCodec.decodeGrey(
            data.store().read(cityscapes.getPredictions(0).getPng()), "the prediction");
    assertThat(picture.height()).isEqualTo(DrawnDataSet.SHARD_HEIGHT);
  }

  @Test
  void evaluate_whateverTheShards_givesTheSameScores() throws Exception {
    EvaluateConfig config =
        DrawnDataSet.config("cityscapes").setFlip(true).setBoundary(true).build();
    ArtifactRef apart = data.shards(dataset, 1);

    assertThat(data.evaluate(DrawnDataSet.call(config, checkpoint, apart, dataset)).getCityscapes())
        .isEqualTo(
            data.evaluate(DrawnDataSet.call(config, checkpoint, val, dataset)).getCityscapes());
  }

  @Test
  void evaluate_whenAnImageHasNoInstances_hasNoInstanceScores() throws Exception {
    SourcesManifest.Builder sources = data.sources(dataset).toBuilder();
    sources.getItemsBuilder(1).clearInstances();

    EvaluationManifest evaluation =
        data.evaluate(
            DrawnDataSet.call(
                DrawnDataSet.config("cityscapes").build(),
                checkpoint,
                val,
                withSources(sources.build())));

    CityscapesMetrics metrics = evaluation.getCityscapes();
    assertThat(metrics.getImagesWithoutInstances()).isEqualTo(1);
    assertThat(metrics.hasMeanInstanceIou()).isFalse();
    assertThat(metrics.hasMeanCategoryInstanceIou()).isFalse();
    assertThat(metrics.getClassesList()).noneMatch(LabelScore::hasInstanceIou);
    assertThat(metrics.getMeanIou())
        .isEqualTo(evaluate(DrawnDataSet.config("cityscapes")).getCityscapes().getMeanIou());
  }

  @Test
  void split_whenTheMeasuresNeedTheirOwnPasses_keepsTheKeysOfThePaperMeasure() throws Exception {
    List<Piece> paper = pieces(DrawnDataSet.config("paper"), dataset);
    List<Piece> apart = pieces(DrawnDataSet.config("both").setInput("original"), dataset);
    List<Piece> together = pieces(DrawnDataSet.config("both"), dataset);

    assertThat(apart).hasSize(4).extracting(Piece::getIndex).containsExactly(0, 1, 2, 3);
    assertThat(apart.get(0).getKey()).isEqualTo(paper.get(0).getKey());
    assertThat(apart.get(2).getKey()).isEqualTo(paper.get(1).getKey());
    assertThat(together).hasSize(2);
    assertThat(together.get(0).getKey()).isNotEqualTo(paper.get(0).getKey());
  }

  @Test
  void split_whenAnInstanceFileChanges_changesTheKeyOfItsPieceAlone() throws Exception {
    SourcesManifest.Builder sources = data.sources(dataset).toBuilder();
    sources.getItemsBuilder(2).setInstances(sources.getItems(0).getInstances());
    for (EvaluateConfig.Builder config :
        List.of(DrawnDataSet.config("both"), DrawnDataSet.config("cityscapes").setFlip(true))) {
      List<Piece> before = pieces(config, dataset);
      List<Piece> after = pieces(config, withSources(sources.build()));
      assertThat(after.get(0).getKey()).isEqualTo(before.get(0).getKey());
      assertThat(after.get(1).getKey()).isNotEqualTo(before.get(1).getKey());
    }
    assertThat(pieces(DrawnDataSet.config("paper"), withSources(sources.build())))
        .isEqualTo(pieces(DrawnDataSet.config("paper"), dataset));
  }

  @Test
  void split_whenAnOptionOfTheInputChanges_changesTheKeys() throws Exception {
    List<EvaluateConfig.Builder> configs =
        List.of(
            DrawnDataSet.config("cityscapes"),
            DrawnDataSet.config("cityscapes").setInput("original"),
            DrawnDataSet.config("cityscapes").addScales(2),
            DrawnDataSet.config("cityscapes").setFlip(true),
            DrawnDataSet.config("cityscapes").setBoundary(true),
            DrawnDataSet.config("cityscapes").setWindow("24x24"),
            DrawnDataSet.config("cityscapes").setWindow("24x24").setWindowStride("24x24"));
    assertThat(
            configs.stream()
                .map(
                    config -> {
                      try {
                        return pieces(config, dataset).get(0).getKey();
                      } catch (Exception e) {
                        throw new AssertionError(e);
                      }
                    })
                .distinct())
        .hasSameSizeAs(configs);
  }

  @Test
  void split_whenAnItemHasNoSources_namesIt() throws Exception {
    SourcesManifest sources = data.sources(dataset);
    String lost = sources.getItems(1).getId();
    DatasetManifest without = withSources(sources.toBuilder().removeItems(1).build());

    assertThatThrownBy(() -> pieces(DrawnDataSet.config("both"), without))
        .isInstanceOf(StageException.class)
        .hasMessageContaining("not among the sources: " + lost);
  }

  private static EvaluationManifest evaluate(EvaluateConfig.Builder config) throws Exception {
    return data.evaluate(DrawnDataSet.call(config.build(), checkpoint, val, dataset));
  }

  private static List<Piece> pieces(EvaluateConfig.Builder config, DatasetManifest of)
      throws Exception {
    return new EvaluateStage()
        .split(DrawnDataSet.call(config.build(), checkpoint, val, of), data.context());
  }

  private static DatasetManifest withSources(SourcesManifest sources) throws Exception {
    DatasetManifest.Builder changed = dataset.toBuilder();
    changed.getSplitsBuilder(1).setSources(data.store().putManifest(sources));
    return changed.build();
  }

  /** Predicts every image by itself, writes PNG files, and scores them as `cityseg score` does. */
  private static Scores officialScores(EvaluateConfig config, Path predictions) throws Exception {
    LabelFiles.convert(
        LabelFiles.find(
            data.root().resolve("gtFine"), data.root().resolve("gtFine"), LabelEncoding.IDS),
        LabelEncoding.IDS,
        1,
        done -> {});
    CheckpointManifest manifest =
        data.store().readManifest(checkpoint, CheckpointManifest.parser());
    assertThat(data.store().readManifest(val, SplitManifest.parser()).getItems()).isEqualTo(3);
    try (SegmentationNetwork network =
        SegmentationNetwork.load(manifest, data.store(), Device.cpu())) {
      FullSizePredictor predictor =
          new FullSizePredictor(network, FullSizeOptions.of(config, TRAINING_SIZE));
      for (SourceItem item : data.sources(dataset).getItemsList()) {
        RgbImage image = ImageCodec.decodeRgb(data.store().read(item.getImage()), item.getId());
        GreyImage ids = FullSizePredictor.regularIds(predictor.predict(image, item.getId()));
        Files.write(predictions.resolve(item.getId() + "_pred.png"), LabelPng.encode(ids));
      }
    }
    PixelEvaluation evaluation =
        PixelEvaluation.open(data.root().resolve("gtFine/val"), predictions);
    return (config.getBoundary()
            ? evaluation.withBoundaries(BoundaryCounter.DILATION_RATIO)
            : evaluation)
        .run(2, done -> {});
  }

  private static CityscapesMetrics withoutBoundaries(CityscapesMetrics metrics) {
    CityscapesMetrics.Builder without =
        metrics.toBuilder().clearBoundary().clearBoundaryDilationRatio().clearMeanBoundaryIou();
    without.getClassesBuilderList().forEach(LabelScore.Builder::clearBoundaryIou);
    return without.build();
  }

  private static void assertSame(
      List<LabelScore> scores, Map<String, Double> iou, Map<String, Double> instanceIou) {
    for (LabelScore score : scores) {
      assertThat(score.hasIou() ? Optional.of(score.getIou()) : Optional.empty())
          .as("IoU of " + score.getName())
          .isEqualTo(number(iou.get(score.getName())));
      assertThat(score.hasInstanceIou() ? Optional.of(score.getInstanceIou()) : Optional.empty())
          .as("iIoU of " + score.getName())
          .isEqualTo(number(instanceIou.get(score.getName())));
    }
  }

  private static Optional<Double> number(double value) {
    return Double.isNaN(value) ? Optional.empty() : Optional.of(value);
  }
}
