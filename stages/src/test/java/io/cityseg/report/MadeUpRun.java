package io.cityseg.report;

import io.cityseg.labels.CityscapesLabels;
import io.cityseg.labels.Label;
import io.cityseg.proto.ArtifactRef;
import io.cityseg.proto.CheckpointManifest;
import io.cityseg.proto.CityscapesMetrics;
import io.cityseg.proto.ClassMetrics;
import io.cityseg.proto.ConfusionMatrix;
import io.cityseg.proto.EpochHistory;
import io.cityseg.proto.EvaluationManifest;
import io.cityseg.proto.ImageMetrics;
import io.cityseg.proto.Input;
import io.cityseg.proto.LabelScore;
import io.cityseg.proto.PipelineConfig;
import io.cityseg.proto.Prediction;
import io.cityseg.proto.ReportConfig;
import io.cityseg.proto.ReportManifest;
import io.cityseg.proto.SplitManifest;
import io.cityseg.proto.StageCall;
import io.cityseg.proto.TrainedEpoch;
import io.cityseg.proto.TrainingManifest;
import io.cityseg.stage.ProgressSink;
import io.cityseg.stage.StageContext;
import io.cityseg.stage.StageKeys;
import io.cityseg.store.ActionCache;
import io.cityseg.store.ArtifactStore;
import io.cityseg.store.LocalObjects;
import io.cityseg.store.StoreException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Artifacts of a run that never was, with numbers like those of a real one. */
final class MadeUpRun {
  static final int CLASSES = 20;

  /** No pixel has this class, and no prediction. */
  static final int ABSENT = 16;

  static final List<String> NAMES =
      List.of(
          "road",
          "sidewalk",
          "building",
          "wall",
          "fence",
          "pole",
          "traffic light",
          "traffic sign",
          "vegetation",
          "terrain",
          "sky",
          "person",
          "rider",
          "car",
          "truck",
          "bus",
          "train",
          "motorcycle",
          "bicycle",
          "void");

  private static final long[] PIXELS = {
    326_000, 54_000, 202_000, 5_900, 7_800, 10_900, 1_800, 4_900, 141_000, 10_300, 35_600, 10_800,
    1_200, 62_100, 2_400, 2_100, 0, 880, 3_700, 110_000
  };

  private final ArtifactStore store;
  private final List<Input> inputs = new ArrayList<>();
  private String title = "DeepLabV3 on Cityscapes";
  private ArtifactRef val;

  MadeUpRun(Path folder) throws StoreException {
    store = new ArtifactStore(LocalObjects.open(folder));
  }

  ArtifactStore store() {
    return store;
  }

  MadeUpRun titled(String newTitle) {
    title = newTitle;
    return this;
  }

  MadeUpRun withSplits() throws StoreException {
    return withSplits(split("val", 12).build());
  }

  MadeUpRun withSplits(SplitManifest valSplit) throws StoreException {
    val = store.putManifest(valSplit);
    return with("train", store.putManifest(split("train", 48).build())).with("val", val);
  }

  /** Splits whose val shards hold pictures, a baseline, and "epoch 6", both with predictions. */
  MadeUpRun withPictures(MadeUpPictures pictures, List<String> ids) throws StoreException {
    withSplits(
        split("val", 12)
            .setHeight(pictures.height())
            .setWidth(pictures.width())
            .addShards(pictures.shard(store, ids))
            .build());
    EvaluationManifest.Builder before = evaluation("baseline", 0.05);
    EvaluationManifest.Builder after = evaluation("epoch 6", 0.95);
    for (String id : ids) {
      before.addPredictions(
          prediction(id, pictures.prediction(store, id, pictures.height() * 3 / 4)));
      after.addPredictions(prediction(id, pictures.prediction(store, id, pictures.height() / 8)));
    }
    return with("baseline", store.putManifest(before.build())).withCheckpoint("epoch 6", after);
  }

  /** After the splits, wherever in the chain it is called. */
  MadeUpRun withHistory(int epochs) throws StoreException {
    TrainingManifest.Builder history = TrainingManifest.newBuilder();
    for (int epoch = 1; epoch <= epochs; epoch++) {
      history.addEpochs(
          TrainedEpoch.newBuilder()
              .setEpoch(epoch)
              .setCheckpoint(checkpoint("epoch " + epoch))
              .setHistory(
                  EpochHistory.newBuilder()
                      .setEpoch(epoch)
                      .setSteps(16)
                      .setTrainLoss(0.4 + 1.1 / epoch)
                      .setValLoss(0.62 + 0.9 / epoch)
                      .setTrainMeanIou(0.79 - 0.55 / epoch)
                      .setValMeanIou(0.63 - 0.35 / epoch)
                      .setValPixelAccuracy(0.92 - 0.06 / epoch)
                      .setLearningRate(1e-4)));
    }
    inputs.add(2, StageKeys.input("history", store.putManifest(history.build())));
    return this;
  }

  MadeUpRun withBaseline(double skill) throws StoreException {
    return with("baseline", store.putManifest(evaluation("baseline", skill).build()));
  }

  MadeUpRun withCheckpoint(String subject, double skill) throws StoreException {
    return withCheckpoint(subject, evaluation(subject, skill));
  }

  MadeUpRun withCheckpoint(String subject, EvaluationManifest.Builder evaluation)
      throws StoreException {
    return with("checkpoint:" + subject, store.putManifest(evaluation.build()));
  }

  MadeUpRun with(String role, ArtifactRef artifact) {
    inputs.add(StageKeys.input(role, artifact));
    return this;
  }

  StageCall call() {
    return StageCall.newBuilder()
        .setStage("report")
        .setConfig(PipelineConfig.newBuilder().setReport(ReportConfig.newBuilder().setTitle(title)))
        .addAllInputs(inputs)
        .build();
  }

  StageContext context(String runId) {
    return new StageContext(store, new ActionCache(store), ProgressSink.NONE, runId);
  }

  ReportManifest report() throws Exception {
    ReportStage stage = new ReportStage();
    StageContext context = context("run-1");
    ArtifactRef piece = stage.run(stage.split(call(), context).get(0), context);
    return store.readManifest(
        stage.gather(call(), List.of(piece), context), ReportManifest.parser());
  }

  ArtifactRef checkpoint(String name) throws StoreException {
    return store.putManifest(
        CheckpointManifest.newBuilder()
            .setNetwork("deeplabv3_resnet50")
            .setNumClasses(CLASSES)
            .setWeights(store.put("safetensors", name.getBytes(StandardCharsets.UTF_8)))
            .build());
  }

  static SplitManifest.Builder split(String name, int items) {
    SplitManifest.Builder split =
        SplitManifest.newBuilder().setSplit(name).setHeight(128).setWidth(256).setItems(items);
    for (long pixels : PIXELS) {
      split.addClassPixels(pixels * items / 12);
    }
    return split;
  }

  /**
   * An evaluation whose share of right pixels is about {@code skill}, a little different from class
   * to class; the wrong ones are taken for the next two classes.
   */
  EvaluationManifest.Builder evaluation(String subject, double skill) throws StoreException {
    long[][] counts = new long[CLASSES][CLASSES];
    for (int c = 0; c < CLASSES; c++) {
      double right = Math.min(1, skill * (0.45 + 0.11 * ((c * 7) % 10)));
      counts[c][c] = Math.round(PIXELS[c] * right);
      long wrong = PIXELS[c] - counts[c][c];
      counts[c][next(c, 1)] += wrong * 3 / 4;
      counts[c][next(c, 2)] += wrong - wrong * 3 / 4;
    }
    EvaluationManifest.Builder evaluation =
        measured(counts).setMeasure("paper").setCheckpoint(checkpoint(subject)).setSplit(val);
    for (int i = 0; i < 12; i++) {
      evaluation.addImages(
          ImageMetrics.newBuilder()
              .setId("frankfurt_%06d_000019".formatted(i))
              .setMeanIou(skill * (0.5 + 0.03 * ((i * 5) % 12)))
              .setPixelAccuracy(Math.min(1, skill * (0.8 + 0.02 * ((i * 7) % 12)))));
    }
    return evaluation;
  }

  /** The measure cityscapes: every class of the IoU {@code skill} but {@link #ABSENT}. */
  CityscapesMetrics cityscapes(double skill, long withoutInstances) throws StoreException {
    CityscapesMetrics.Builder metrics =
        CityscapesMetrics.newBuilder()
            .setSources(store.put("sources", new byte[] {1}))
            .setPrediction("input at the images' own size, mirrored too, whole images")
            .setConfusion(
                ConfusionMatrix.newBuilder()
                    .setClasses(34)
                    .addAllCounts(Collections.nCopies(34 * 34, 7L)))
            .setMeanIou(skill)
            .setMeanCategoryIou(Math.min(1, skill + 0.04))
            .setImages(12)
            .setImagesWithoutInstances(withoutInstances);
    for (Label label : CityscapesLabels.all()) {
      if (label.isTrained()) {
        LabelScore.Builder score = LabelScore.newBuilder().setName(label.name());
        if (label.trainId() != ABSENT) {
          score.setIou(skill);
          if (label.hasInstances() && withoutInstances == 0) {
            score.setInstanceIou(skill / 2);
          }
        }
        metrics.addClasses(score);
      }
    }
    for (String category :
        List.of("flat", "construction", "object", "nature", "sky", "human", "vehicle")) {
      LabelScore.Builder score = LabelScore.newBuilder().setName(category).setIou(skill);
      if (withoutInstances == 0 && category.equals("human")) {
        score.setInstanceIou(skill / 4);
      }
      metrics.addCategories(score);
    }
    if (withoutInstances == 0) {
      metrics.setMeanInstanceIou(skill / 2).setMeanCategoryInstanceIou(skill / 4);
    }
    return metrics.build();
  }

  /** An evaluation by the measure cityscapes alone. */
  EvaluationManifest.Builder cityscapesAlone(String subject, double skill) throws StoreException {
    return EvaluationManifest.newBuilder()
        .setCheckpoint(checkpoint(subject))
        .setSplit(val)
        .setCityscapes(cityscapes(skill, 0));
  }

  static Prediction prediction(String id, ArtifactRef png) {
    return Prediction.newBuilder().setId(id).setPng(png).build();
  }

  /** The measures of a confusion matrix [20][20], row = ground truth. */
  static EvaluationManifest.Builder measured(long[][] counts) {
    EvaluationManifest.Builder evaluation = EvaluationManifest.newBuilder();
    ConfusionMatrix.Builder confusion = ConfusionMatrix.newBuilder().setClasses(CLASSES);
    double sum = 0;
    int present = 0;
    long right = 0;
    long all = 0;
    for (int c = 0; c < CLASSES; c++) {
      long target = 0;
      long predicted = 0;
      for (int other = 0; other < CLASSES; other++) {
        confusion.addCounts(counts[c][other]);
        target += counts[c][other];
        predicted += counts[other][c];
      }
      ClassMetrics.Builder metrics =
          ClassMetrics.newBuilder()
              .setClassIndex(c)
              .setName(NAMES.get(c))
              .setTargetPixels(target)
              .setPredictedPixels(predicted);
      long union = target + predicted - counts[c][c];
      if (union > 0) {
        metrics.setIou((double) counts[c][c] / union);
        sum += metrics.getIou();
        present++;
      }
      right += counts[c][c];
      all += target;
      evaluation.addClasses(metrics);
    }
    if (present > 0) {
      evaluation.setMeanIou(sum / present).setPixelAccuracy((double) right / all);
    }
    return evaluation.setConfusion(confusion);
  }

  private static int next(int classIndex, int steps) {
    int next = classIndex;
    for (int i = 0; i < steps; i++) {
      next = (next + 1) % CLASSES;
      next = next == ABSENT ? next + 1 : next;
    }
    return next;
  }
}
