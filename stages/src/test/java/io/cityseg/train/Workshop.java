package io.cityseg.train;

import io.cityseg.model.Safetensors;
import io.cityseg.model.Tensor;
import io.cityseg.proto.ArtifactRef;
import io.cityseg.proto.CheckpointManifest;
import io.cityseg.proto.PipelineConfig;
import io.cityseg.proto.Progress;
import io.cityseg.proto.StageCall;
import io.cityseg.proto.TrainConfig;
import io.cityseg.proto.TrainingManifest;
import io.cityseg.stage.ProgressSink;
import io.cityseg.stage.StageContext;
import io.cityseg.stage.StageKeys;
import io.cityseg.store.ActionCache;
import io.cityseg.store.ArtifactStore;
import io.cityseg.store.LocalObjects;
import io.cityseg.store.ObjectStorage;
import io.cityseg.store.StoreException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A store with two small splits and a checkpoint, and what is needed to train there. */
final class Workshop {
  final ArtifactStore store;
  final ArtifactRef initial;
  final ArtifactRef val;
  final List<Progress> progress = new ArrayList<>();
  ArtifactRef train;
  ProgressSink listener = ProgressSink.NONE;

  /** Whether the disk is. */
  boolean full;

  /** For the default network, whose weights are in a file. */
  Workshop(Path folder, Path weights, int items) throws Exception {
    this(folder, "deeplabv3_resnet50", weights, items);
  }

  Workshop(Path folder, String network, Path weights, int items) throws Exception {
    this.store = new ArtifactStore(fillable(LocalObjects.open(folder)));
    this.train = SmallSplits.write(store, folder, "train", items, 33, 4);
    this.val = SmallSplits.write(store, folder, "val", 3, 33, 4);
    this.initial =
        store.putManifest(
            CheckpointManifest.newBuilder()
                .setNetwork(network)
                .setNumClasses(20)
                .setWeights(store.put("safetensors", weights))
                .build());
  }

  CheckpointManifest manifest(ArtifactRef checkpoint) throws Exception {
    return store.readManifest(checkpoint, CheckpointManifest.parser());
  }

  Map<String, Tensor> tensors(ArtifactRef checkpoint) throws Exception {
    return Safetensors.read(store.file(manifest(checkpoint).getWeights()));
  }

  private ObjectStorage fillable(ObjectStorage disk) {
    return (ObjectStorage)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {ObjectStorage.class},
            (proxy, method, arguments) -> {
              if (full && method.getName().equals("createIfAbsent")) {
                throw new StoreException("No space left on device");
              }
              try {
                return method.invoke(disk, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  StageContext context() {
    ProgressSink sink =
        told -> {
          progress.add(told);
          listener.tell(told);
        };
    return new StageContext(store, new ActionCache(store), sink, "run");
  }

  TrainingManifest train(TrainConfig config) throws Exception {
    return train(config, false);
  }

  /** Trains as {@code --force train} does. */
  TrainingManifest trainAnew(TrainConfig config) throws Exception {
    return train(config, true);
  }

  private TrainingManifest train(TrainConfig config, boolean anew) throws Exception {
    StageCall call =
        StageCall.newBuilder()
            .setForce(anew)
            .setStage("train")
            .setConfig(PipelineConfig.newBuilder().setTrain(config))
            .addInputs(StageKeys.input(TrainStage.INITIAL, initial))
            .addInputs(StageKeys.input(TrainStage.TRAIN, train))
            .addInputs(StageKeys.input(TrainStage.VAL, val))
            .build();
    var stage = new TrainStage();
    ArtifactRef result = stage.run(stage.split(call, context()).get(0), context());
    return store.readManifest(
        stage.gather(call, List.of(result), context()), TrainingManifest.parser());
  }
}
