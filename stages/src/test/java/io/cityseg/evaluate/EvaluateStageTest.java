package io.cityseg.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.cityseg.image.GreyImage;
import io.cityseg.image.ImageCodec;
import io.cityseg.model.FormulaWeights;
import io.cityseg.model.Safetensors;
import io.cityseg.model.Tensor;
import io.cityseg.proto.ArtifactRef;
import io.cityseg.proto.CheckpointManifest;
import io.cityseg.proto.EvaluateConfig;
import io.cityseg.proto.EvaluationManifest;
import io.cityseg.proto.ImageMetrics;
import io.cityseg.proto.Piece;
import io.cityseg.proto.PipelineConfig;
import io.cityseg.proto.Prediction;
import io.cityseg.proto.StageCall;
import io.cityseg.score.ConfusionCounts;
import io.cityseg.stage.ProgressSink;
import io.cityseg.stage.StageContext;
import io.cityseg.stage.StageException;
import io.cityseg.stage.StageKeys;
import io.cityseg.store.ActionCache;
import io.cityseg.store.ActionKeys;
import io.cityseg.store.ArtifactStore;
import io.cityseg.store.LocalObjects;
import io.cityseg.train.SmallSplits;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluateStageTest {
  private static final int SIZE = 33;

  @TempDir static Path shared;
  private static ArtifactStore store;
  private static ArtifactRef checkpoint;
  private static ArtifactRef val;

  private final EvaluateStage stage = new EvaluateStage();
  private StageContext context;

  @BeforeAll
  static void writeInputs() throws Exception {
    store = new ArtifactStore(LocalObjects.open(shared.resolve("store")));
    Path weights = shared.resolve("formula.safetensors");
    Safetensors.write(weights, FormulaWeights.all());
    checkpoint =
        store.putManifest(
            CheckpointManifest.newBuilder()
                .setNetwork("deeplabv3_resnet50")
                .setNumClasses(20)
                .setWeights(store.put("safetensors", weights))
                .build());
    val = SmallSplits.write(store, shared, "val", 5, SIZE, 3);
  }

  @BeforeEach
  void newContext() {
    context = new StageContext(store, new ActionCache(store), ProgressSink.NONE, "run");
  }

  @Test
  void gather_whenShardsWereEvaluatedApart_sumsThem() throws Exception {
    StageCall call = call(2, 2);
    EvaluationManifest evaluation = evaluate(call);
    assertThat(evaluation.getMeasure()).isEqualTo("paper");
    assertThat(evaluation.getCheckpoint()).isEqualTo(checkpoint);
    assertThat(evaluation.getSplit()).isEqualTo(val);
    assertThat(evaluation.getConfusion().getCountsList().stream().mapToLong(n -> n).sum())
        .isEqualTo(5 * SIZE * SIZE);
    assertThat(evaluation.getImagesList().stream().map(ImageMetrics::getId))
        .containsExactly(ids(0, 1, 2, 3, 4));
    assertThat(evaluation.getClassesList()).hasSize(20);
    assertThat(evaluation.getClasses(19).getName()).isEqualTo("void");
    assertThat(evaluation.getClasses(0).getTargetPixels()).isEqualTo(5 * 17 * SIZE);
    PaperMeasure measure = PaperMeasure.of(ConfusionCounts.of(evaluation.getConfusion()));
    assertThat(evaluation.getMeanIou()).isEqualTo(measure.meanIou().getAsDouble());
    double mean =
        evaluation.getImagesList().stream()
            .mapToDouble(ImageMetrics::getPixelAccuracy)
            .average()
            .orElseThrow();
    assertThat(evaluation.getPixelAccuracy()).isCloseTo(mean, within(1e-12));
  }

  @Test
  void run_whenPicturesAreWanted_keepsEvenlySpacedOnesAsGreyPng() throws Exception {
    EvaluationManifest evaluation = evaluate(call(1, 2));
    assertThat(evaluation.getPredictionsList().stream().map(Prediction::getId))
        .containsExactly(ids(0, 2));
    byte[] png = store.read(evaluation.getPredictions(0).getPng());
    GreyImage picture = ImageCodec.decodeGrey(png, "prediction");
    assertThat(picture.height()).isEqualTo(SIZE);
    for (byte value : picture.pixels()) {
      assertThat(value).isBetween((byte) 0, (byte) 19);
    }
  }

  @Test
  void split_whenOnlyTheNumberOfPicturesChanges_changesTheKeysOfTheirShardsAlone()
      throws Exception {
    List<Piece> one = stage.split(call(1, 1), context);
    List<Piece> two = stage.split(call(1, 2), context);
    List<Piece> four = stage.split(call(1, 4), context);
    assertThat(one).hasSize(2).extracting(Piece::getIndex).containsExactly(0, 1);
    assertThat(digest(two.get(1)))
        .as("no picture in the second shard")
        .isEqualTo(digest(one.get(1)));
    assertThat(digest(two.get(0))).isNotEqualTo(digest(one.get(0)));
    assertThat(digest(four.get(1))).isNotEqualTo(digest(two.get(1)));
  }

  @Test
  void run_whenLogitsAreNoNumbers_namesCheckpointAndItems() throws Exception {
    Map<String, Tensor> broken = FormulaWeights.all();
    float[] bias = new float[20];
    Arrays.fill(bias, Float.NaN);
    broken.put("classifier.4.bias", Tensor.of(bias, 20L));
    Path weights = shared.resolve("broken.safetensors");
    Safetensors.write(weights, broken);
    ArtifactRef diverged =
        store.putManifest(
            CheckpointManifest.newBuilder()
                .setNetwork("deeplabv3_resnet50")
                .setNumClasses(20)
                .setWeights(store.put("safetensors", weights))
                .build());
    StageCall.Builder call = call(1, 0).toBuilder();
    call.setInputs(0, call.getInputs(0).toBuilder().setArtifact(diverged));
    assertThat(call.getInputs(0).getRole()).isEqualTo("checkpoint");

    assertThatThrownBy(() -> evaluate(call.build()))
        .isInstanceOf(StageException.class)
        .hasMessageContaining(diverged.getSha256())
        .hasMessageContaining(ids(0)[0])
        .hasMessageContaining("not finite numbers");
  }

  private EvaluationManifest evaluate(StageCall call) throws Exception {
    List<ArtifactRef> results = new ArrayList<>();
    for (Piece piece : stage.split(call, context)) {
      results.add(stage.run(piece, context));
    }
    return store.readManifest(stage.gather(call, results, context), EvaluationManifest.parser());
  }

  private static StageCall call(int batchSize, int pictures) {
    return StageCall.newBuilder()
        .setStage("evaluate")
        .setConfig(
            PipelineConfig.newBuilder()
                .setEvaluate(
                    EvaluateConfig.newBuilder()
                        .setCheckpoints("last")
                        .setBatchSize(batchSize)
                        .setPictures(pictures)
                        .setDevice("cpu")
                        .setMeasure("paper")
                        .setInput("training")
                        .addScales(1)
                        .setFlip(false)
                        .setWindow("")
                        .setWindowStride("")
                        .setThreads(1)))
        .addInputs(StageKeys.input(EvaluateStage.CHECKPOINT, checkpoint))
        .addInputs(StageKeys.input(EvaluateStage.VAL, val))
        .build();
  }

  private static String digest(Piece piece) {
    return ActionKeys.digest(piece.getKey()).hex();
  }

  private static String[] ids(int... items) {
    return Arrays.stream(items)
        .mapToObj(item -> SmallSplits.id("val", item))
        .toArray(String[]::new);
  }
}
