package io.cityseg.evaluate;

import ai.djl.engine.EngineException;
import io.cityseg.image.OpenCv;
import io.cityseg.image.PixelSize;
import io.cityseg.labels.CityscapesLabels;
import io.cityseg.model.EngineTurn;
import io.cityseg.model.SegmentationNetwork;
import io.cityseg.model.TorchEngine;
import io.cityseg.proto.ArtifactRef;
import io.cityseg.proto.CheckpointManifest;
import io.cityseg.proto.CityscapesCounts;
import io.cityseg.proto.ClassMetrics;
import io.cityseg.proto.EvaluateConfig;
import io.cityseg.proto.EvaluateWork;
import io.cityseg.proto.EvaluationManifest;
import io.cityseg.proto.Parameter;
import io.cityseg.proto.Piece;
import io.cityseg.proto.ShardEvaluation;
import io.cityseg.proto.SourcesManifest;
import io.cityseg.proto.SplitManifest;
import io.cityseg.proto.StageCall;
import io.cityseg.score.ConfusionCounts;
import io.cityseg.stage.Stage;
import io.cityseg.stage.StageContext;
import io.cityseg.stage.StageException;
import io.cityseg.stage.StageKeys;
import io.cityseg.store.ActionKeys;
import io.cityseg.store.ArtifactStore;
import io.cityseg.store.Digest;
import io.cityseg.store.StoreException;
import java.util.ArrayList;
import java.util.List;

/**
 * Stage evaluate: measures a checkpoint on a split, shard by shard.
 *
 * <p>Inputs: "checkpoint" (CheckpointManifest), "val" (SplitManifest) and, when {@code
 * evaluate.measure} asks for cityscapes, "sources" (SourcesManifest). A piece is a shard and gives
 * a ShardEvaluation; the gathered result, an EvaluationManifest, is made of sums of integers and so
 * does not depend on where the pieces ran.
 */
public final class EvaluateStage implements Stage {
  /** Role of what is evaluated. */
  public static final String CHECKPOINT = "checkpoint";

  /** Role of the split that it is evaluated on. */
  public static final String VAL = "val";

  /** Role of the split's original files, for the measure cityscapes. */
  public static final String SOURCES = "sources";

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
    List<Parameter> environment = new ArrayList<>(engine());
    environment.add(ActionKeys.parameter("opencv", OpenCv.version()));
    return environment;
  }

  /** The facts that decide what comes of a shard alone, whose images are resized already. */
  static List<Parameter> engine() {
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
    SourcesManifest sources =
        Measures.cityscapes(config)
            ? context.store().readManifest(StageKeys.input(call, SOURCES), SourcesManifest.parser())
            : SourcesManifest.getDefaultInstance();
    return new EvaluationPieces(this, checkpoint, config, split, sources).of(subject);
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
        return context.store().putManifest(evaluate(network, work, context.store()));
      }
    } catch (EngineException | OutOfMemoryError e) {
      throw new StageException(
          "Evaluation of %s failed in the engine: %s; if memory ran out, lower evaluate.batch_size (now %d), shards.height or shards.width, or set evaluate.window for large inputs"
              .formatted(piece.getName(), e.getMessage(), config.getBatchSize()),
          e);
    }
  }

  @Override
  public ArtifactRef gather(StageCall call, List<ArtifactRef> results, StageContext context)
      throws StageException, StoreException {
    EvaluateConfig config = call.getConfig().getEvaluate();
    var evaluation =
        EvaluationManifest.newBuilder()
            .setCheckpoint(StageKeys.input(call, CHECKPOINT))
            .setSplit(StageKeys.input(call, VAL));
    var counts = new ConfusionCounts(CityscapesLabels.CLASSES);
    List<CityscapesCounts> fullSize = new ArrayList<>();
    for (ShardEvaluation shard : context.store().readManifests(results, ShardEvaluation.parser())) {
      if (shard.hasConfusion()) {
        counts.merge(ConfusionCounts.of(shard.getConfusion()));
      }
      if (shard.hasCityscapes()) {
        fullSize.add(shard.getCityscapes());
      }
      evaluation.addAllImages(shard.getImagesList());
      evaluation.addAllPredictions(shard.getPredictionsList());
    }
    if (Measures.paper(config)) {
      addPaper(counts, evaluation);
    }
    if (Measures.cityscapes(config)) {
      SplitManifest split =
          context.store().readManifest(StageKeys.input(call, VAL), SplitManifest.parser());
      PixelSize trainingSize = new PixelSize(split.getHeight(), split.getWidth());
      String prediction = FullSizeOptions.of(config, trainingSize).inWords();
      evaluation.setCityscapes(
          CityscapesMeasure.of(
              fullSize, StageKeys.input(call, SOURCES), prediction, Measures.boundary(config)));
    }
    return context.store().putManifest(evaluation.build());
  }

  private static ShardEvaluation evaluate(
      SegmentationNetwork network, EvaluateWork work, ArtifactStore store)
      throws StageException, StoreException, InterruptedException {
    PixelSize trainingSize = new PixelSize(work.getHeight(), work.getWidth());
    boolean readsShard =
        work.getMeasuresList().contains(PaperMeasure.NAME)
            || FullSizeOptions.of(work.getConfig(), trainingSize).isPlain();
    return readsShard
        ? new ShardEvaluator(network, work, store).evaluate()
        : new FullSizeEvaluator(network, work, store).evaluate();
  }

  private static void addPaper(ConfusionCounts counts, EvaluationManifest.Builder evaluation) {
    PaperMeasure measure = PaperMeasure.of(counts);
    evaluation.setMeasure(PaperMeasure.NAME).setConfusion(counts.toProto());
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
  }
}
