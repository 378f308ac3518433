package io.cityseg.evaluate;

import io.cityseg.ingest.IngestStage;
import io.cityseg.labels.TrainIdsStage;
import io.cityseg.proto.ArtifactRef;
import io.cityseg.proto.CheckpointManifest;
import io.cityseg.proto.DatasetManifest;
import io.cityseg.proto.EvaluateConfig;
import io.cityseg.proto.EvaluationManifest;
import io.cityseg.proto.IngestConfig;
import io.cityseg.proto.Piece;
import io.cityseg.proto.PipelineConfig;
import io.cityseg.proto.ShardsConfig;
import io.cityseg.proto.ShardsManifest;
import io.cityseg.proto.SourcesManifest;
import io.cityseg.proto.StageCall;
import io.cityseg.scan.SourceScan;
import io.cityseg.scenes.SceneOptions;
import io.cityseg.scenes.SceneWriter;
import io.cityseg.shards.ShardsStage;
import io.cityseg.stage.ProgressSink;
import io.cityseg.stage.Stage;
import io.cityseg.stage.StageContext;
import io.cityseg.stage.StageKeys;
import io.cityseg.store.ActionCache;
import io.cityseg.store.ArtifactStore;
import io.cityseg.store.LocalObjects;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Drawn scenes that have gone through ingest, trainids and shards, and a network to evaluate. */
final class DrawnDataSet {
  static final int HEIGHT = 48;
  static final int WIDTH = 80;
  static final int SHARD_HEIGHT = 32;
  static final int SHARD_WIDTH = 40;

  private final Path folder;
  private final ArtifactStore store;

  private DrawnDataSet(Path folder) throws Exception {
    this.folder = folder;
    this.store = new ArtifactStore(LocalObjects.open(folder.resolve("store")));
  }

  /** Draws one training scene and some validation scenes. */
  static DrawnDataSet draw(Path folder, int val) throws Exception {
    SceneWriter.draw(
        folder.resolve("scenes"), new SceneOptions(1, val, 5, HEIGHT, WIDTH), scenes -> {});
    return new DrawnDataSet(folder);
  }

  Path root() {
    return folder.resolve("scenes");
  }

  ArtifactStore store() {
    return store;
  }

  StageContext context() {
    return new StageContext(store, new ActionCache(store), ProgressSink.NONE, "run");
  }

  /** A network whose classes differ from place to place. */
  ArtifactRef checkpoint() throws Exception {
    return store.putManifest(
        CheckpointManifest.newBuilder()
            .setNetwork("deeplabv3_resnet50")
            .setNumClasses(20)
            .setWeights(store.put("safetensors", VariedWeights.write(folder)))
            .build());
  }

  DatasetManifest ingest() throws Exception {
    SourceScan.Found found =
        SourceScan.scan(
            List.of(root().toString()), folder.resolve("digests"), store, ProgressSink.NONE);
    StageCall call =
        StageCall.newBuilder()
            .setStage("ingest")
            .setConfig(
                PipelineConfig.newBuilder().setIngest(IngestConfig.newBuilder().setLabels("auto")))
            .addInputs(StageKeys.input("sources", found.listing()))
            .addLocations(root().toString())
            .build();
    return store.readManifest(run(new IngestStage(), call), DatasetManifest.parser());
  }

  /** The val split's SplitManifest. */
  ArtifactRef shards(DatasetManifest dataset, int perShard) throws Exception {
    ArtifactRef trainIds =
        run(
            new TrainIdsStage(),
            StageCall.newBuilder()
                .setStage("trainids")
                .addInputs(StageKeys.input("labels", dataset.getLabels()))
                .build());
    ShardsConfig config =
        ShardsConfig.newBuilder()
            .setHeight(SHARD_HEIGHT)
            .setWidth(SHARD_WIDTH)
            .setItemsPerShard(perShard)
            .build();
    ArtifactRef shards =
        run(
            new ShardsStage(),
            StageCall.newBuilder()
                .setStage("shards")
                .setConfig(PipelineConfig.newBuilder().setShards(config))
                .addInputs(StageKeys.input("images", dataset.getImages()))
                .addInputs(StageKeys.input("trainids", trainIds))
                .build());
    return store.readManifest(shards, ShardsManifest.parser()).getSplits(1).getManifest();
  }

  SourcesManifest sources(DatasetManifest dataset) throws Exception {
    return store.readManifest(dataset.getSplits(1).getSources(), SourcesManifest.parser());
  }

  static EvaluateConfig.Builder config(String measure) {
    return EvaluateConfig.newBuilder()
        .setCheckpoints("last")
        .setBatchSize(1)
        .setPictures(1)
        .setDevice("cpu")
        .setThreads(1)
        .setMeasure(measure)
        .setInput("training")
        .addScales(1)
        .setFlip(false)
        .setWindow("")
        .setWindowStride("")
        .setBoundary(false);
  }

  static StageCall call(
      EvaluateConfig config, ArtifactRef checkpoint, ArtifactRef val, DatasetManifest dataset) {
    StageCall.Builder call =
        StageCall.newBuilder()
            .setStage("evaluate")
            .setConfig(PipelineConfig.newBuilder().setEvaluate(config))
            .addInputs(StageKeys.input(EvaluateStage.CHECKPOINT, checkpoint))
            .addInputs(StageKeys.input(EvaluateStage.VAL, val));
    if (Measures.cityscapes(config)) {
      call.addInputs(StageKeys.input(EvaluateStage.SOURCES, dataset.getSplits(1).getSources()));
    }
    return call.build();
  }

  EvaluationManifest evaluate(StageCall call) throws Exception {
    return store.readManifest(run(new EvaluateStage(), call), EvaluationManifest.parser());
  }

  private ArtifactRef run(Stage stage, StageCall call) throws Exception {
    List<ArtifactRef> results = new ArrayList<>();
    for (Piece piece : stage.split(call, context())) {
      results.add(stage.run(piece, context()));
    }
    return stage.gather(call, results, context());
  }
}
