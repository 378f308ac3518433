package io.cityseg.evaluate;

import ai.djl.engine.EngineException;
import io.cityseg.labels.CityscapesLabels;
import io.cityseg.model.EngineTurn;
import io.cityseg.model.SegmentationNetwork;
import io.cityseg.model.TorchEngine;
import io.cityseg.proto.ActionKey;
import io.cityseg.proto.ArtifactRef;
import io.cityseg.proto.CheckpointManifest;
import io.cityseg.proto.ClassMetrics;
import io.cityseg.proto.EvaluateConfig;
import io.cityseg.proto.EvaluateWork;
import io.cityseg.proto.EvaluationManifest;
import io.cityseg.proto.Parameter;
import io.cityseg.proto.Piece;
import io.cityseg.proto.ShardEvaluation;
import io.cityseg.proto.ShardManifest;
import io.cityseg.proto.SplitManifest;
import io.cityseg.proto.StageCall;
import io.cityseg.stage.Stage;
import io.cityseg.stage.StageContext;
import io.cityseg.stage.StageException;
import io.cityseg.stage.StageKeys;
import io.cityseg.store.ActionKeys;
import io.cityseg.store.Digest;
import io.cityseg.store.StoreException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Stage evaluate: measures a checkpoint on a split, shard by shard.
 *
 * <p>Inputs: "checkpoint" (CheckpointManifest) and "val" (SplitManifest). A piece is a shard and
 * gives a ShardEvaluation; the gathered result, an EvaluationManifest, is made of sums of integers
 * and so does not depend on where the pieces ran.
 */
public final class EvaluateStage implements Stage {
  /** Role of what is evaluated. */
  public static final String CHECKPOINT = "checkpoint";

  /** Role of the split that it is evaluated on. */
  public static final String VAL = "val";

  @Override
  public String name() {
    return "evaluate";
  }

  @Override
  public int codeVersion() {
    return 2;
  }

  @Override
  public List<Parameter> environment() {
    return TorchEngine.environment();
  }

  @Override
  public List<Piece> split(StageCall call, StageContext context)
      throws StageException, StoreException {
    EvaluateConfig config = call.getConfig().getEvaluate();
    ArtifactRef checkpoint = StageKeys.input(call, CHECKPOINT);
    SplitManifest split =
        context.store().readManifest(StageKeys.input(call, VAL), SplitManifest.parser());
    if (split.getShardsCount() == 0) {
      throw new StageException("Cannot evaluate: the split '" + split.getSplit() + "' is empty");
    }
    String subject =
        call.getSubject().isEmpty()
            ? new Digest(checkpoint.getSha256()).abbreviated()
            : call.getSubject();
    Set<String> pictures = pictures(split, config.getPictures());
    List<Piece> pieces = new ArrayList<>();
    for (ShardManifest shard : split.getShardsList()) {
      EvaluateWork work =
          EvaluateWork.newBuilder()
              .setCheckpoint(checkpoint)
              .setShard(shard)
              .addAllPictures(shard.getItemIdsList().stream().filter(pictures::contains).toList())
              .setConfig(config)
              .build();
      pieces.add(
          Piece.newBuilder()
              .setName(subject + " " + pieces.size())
              .setIndex(pieces.size())
              .setKey(key(work))
              .setEvaluate(work)
              .build());
    }
    return pieces;
  }

  @Override
  public ArtifactRef run(Piece piece, StageContext context)
      throws StageException, StoreException, InterruptedException {
    EvaluateWork work = piece.getEvaluate();
    EvaluateConfig config = work.getConfig();
    CheckpointManifest checkpoint =
        context.store().readManifest(work.getCheckpoint(), CheckpointManifest.parser());
    // Loading takes about a third of a second a shard; a network that outlived the piece would be
    // memory that nobody owns.
    try (EngineTurn turn = EngineTurn.take()) {
      turn.threads(config.getThreads());
      try (SegmentationNetwork network =
          SegmentationNetwork.load(
              checkpoint,
              context.store(),
              TorchEngine.device("evaluate.device", config.getDevice()))) {
        network.freeze();
        ShardEvaluation evaluation = new ShardEvaluator(network, work, context.store()).evaluate();
        return context.store().putManifest(evaluation);
      }
    } catch (EngineException | OutOfMemoryError e) {
      throw new StageException(
          "Evaluation of %s failed in the engine: %s; if memory ran out, lower evaluate.batch_size (now %d), shards.height or shards.width"
              .formatted(piece.getName(), e.getMessage(), config.getBatchSize()),
          e);
    }
  }

  @Override
  public ArtifactRef gather(StageCall call, List<ArtifactRef> results, StageContext context)
      throws StageException, StoreException {
    var evaluation =
        EvaluationManifest.newBuilder()
            .setMeasure(PaperMeasure.NAME)
            .setCheckpoint(StageKeys.input(call, CHECKPOINT))
            .setSplit(StageKeys.input(call, VAL));
    var counts = new ConfusionCounts(CityscapesLabels.CLASSES);
    for (ArtifactRef result : results) {
      ShardEvaluation shard = context.store().readManifest(result, ShardEvaluation.parser());
      counts.merge(ConfusionCounts.of(shard.getConfusion()));
      evaluation.addAllImages(shard.getImagesList());
      evaluation.addAllPredictions(shard.getPredictionsList());
    }
    PaperMeasure measure = PaperMeasure.of(counts);
    measure.meanIou().ifPresent(evaluation::setMeanIou);
    measure.pixelAccuracy().ifPresent(evaluation::setPixelAccuracy);
    for (int c = 0; c < counts.classes(); c++) {
      var metrics =
          ClassMetrics.newBuilder()
              .setClassIndex(c)
              .setName(CityscapesLabels.className(c))
              .setTargetPixels(counts.targetPixels(c))
              .setPredictedPixels(counts.predictedPixels(c));
      measure.classIou().get(c).ifPresent(metrics::setIou);
      evaluation.addClasses(metrics);
    }
    return context.store().putManifest(evaluation.setConfusion(counts.toProto()).build());
  }

  /** The key names the shard's file and not the split, so a changed shard costs itself alone. */
  private ActionKey key(EvaluateWork work) {
    return ActionKeys.of(
        "evaluate.shard",
        codeVersion(),
        List.of(
            ActionKeys.parameter(
                "evaluate.batch_size", Integer.toString(work.getConfig().getBatchSize())),
            ActionKeys.parameter("evaluate.pictures", String.join(",", work.getPicturesList()))),
        List.of(
            StageKeys.input(CHECKPOINT, work.getCheckpoint()),
            StageKeys.input("shard", work.getShard().getFile())),
        environment());
  }

  /** Items evenly spaced over the split, the first among them. */
  private static Set<String> pictures(SplitManifest split, int wanted) {
    List<String> ids =
        split.getShardsList().stream().flatMap(s -> s.getItemIdsList().stream()).toList();
    int count = Math.min(wanted, ids.size());
    Set<String> pictures = new LinkedHashSet<>();
    for (int i = 0; i < count; i++) {
      pictures.add(ids.get((int) ((long) i * ids.size() / count)));
    }
    return pictures;
  }
}
