package io.cityseg.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cityseg.model.FormulaWeights;
import io.cityseg.model.Safetensors;
import io.cityseg.model.Tensor;
import io.cityseg.proto.ArtifactRef;
import io.cityseg.proto.CheckpointManifest;
import io.cityseg.proto.EpochHistory;
import io.cityseg.proto.EpochManifest;
import io.cityseg.proto.PipelineConfig;
import io.cityseg.proto.Progress;
import io.cityseg.proto.StageCall;
import io.cityseg.proto.TrainConfig;
import io.cityseg.proto.TrainingManifest;
import io.cityseg.stage.ProgressSink;
import io.cityseg.stage.StageContext;
import io.cityseg.stage.StageException;
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
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Trainings of the whole network on pictures of 33 x 33 pixels. */
class TrainStageTest {
  private static final TrainConfig CONFIG =
      TrainConfigs.defaults().setEpochs(2).setBatchSize(2).setThreads(1).build();

  @TempDir static Path shared;
  private static Path weights;

  @TempDir Path folder;

  @BeforeAll
  static void writeWeights() throws Exception {
    weights = shared.resolve("formula.safetensors");
    Safetensors.write(weights, FormulaWeights.all());
  }

  @Test
  void run_whenTrainingWasStoppedAfterAnEpoch_endsWithTheBytesOfAnUnbrokenOne() throws Exception {
    var unbroken = new Workshop(folder.resolve("unbroken"), weights, 5);
    TrainingManifest whole = unbroken.train(CONFIG);
    var broken = new Workshop(folder.resolve("broken"), weights, 5);

    TrainingManifest first = broken.train(CONFIG.toBuilder().setEpochs(1).build());
    assertThat(first.getEpochsList()).containsExactly(whole.getEpochs(0));
    broken.progress.clear();
    TrainingManifest second = broken.train(CONFIG);

    assertThat(second).isEqualTo(whole);
    assertThat(broken.progress.get(0).getMessage()).contains("goes on after epoch 1/2");
    assertThat(broken.progress.get(1).getDone()).as("begins with the second epoch").isEqualTo(3);
    assertThat(whole.getEpochs(0).getCheckpoint()).isNotEqualTo(whole.getEpochs(1).getCheckpoint());
    EpochHistory history = whole.getEpochs(1).getHistory();
    assertThat(history.getEpoch()).isEqualTo(2);
    assertThat(history.getSteps()).as("the fifth picture joins the second batch").isEqualTo(2);
    assertThat(history.getTrainLoss())
        .isLessThan(whole.getEpochs(0).getHistory().getTrainLoss())
        .isPositive();
    assertThat(history.getValMeanIou()).isBetween(0.0, 1.0);
    assertThat(optimizerStates(unbroken)).as("only the last is kept").hasSize(1);
  }

  @Test
  void run_whenTheLossIsNotANumber_namesEpochStepAndItems() throws Exception {
    Map<String, Tensor> broken = FormulaWeights.all();
    broken.put("backbone.bn1.bias", Tensor.of(nans(64), 64L));
    Path file = folder.resolve("broken.safetensors");
    Safetensors.write(file, broken);
    var workshop = new Workshop(folder.resolve("store"), file, 3);
    assertThatThrownBy(() -> workshop.train(CONFIG))
        .isInstanceOf(StageException.class)
        .hasMessageContaining("the loss is NaN in epoch 1, step 1")
        .hasMessageContaining(SmallSplits.id("train", 2))
        .hasMessageContaining("train.learning_rate (now 1.0E-4)");
  }

  @Test
  void run_whenTheThreadIsInterrupted_stopsAfterTheStep() throws Exception {
    var workshop = new Workshop(folder.resolve("store"), weights, 6);
    workshop.listener = progress -> Thread.currentThread().interrupt();
    assertThatThrownBy(() -> workshop.train(CONFIG)).isInstanceOf(InterruptedException.class);
    assertThat(workshop.progress).hasSize(1);
    assertThat(workshop.context().actions().records("train.epoch")).isEmpty();
  }

  @Test
  void run_whenKilledWithinAnEpoch_goesOnFromTheStepWithTheBytesOfAnUnbrokenOne() throws Exception {
    TrainConfig config =
        CONFIG.toBuilder()
            .setEpochs(1)
            .setOptimizer("sgd")
            .setLearningRate(0.01)
            .setWeightDecay(5e-4)
            .setSchedule("poly")
            .setHeadLearningRateFactor(10)
            .setAuxLossWeight(0.4)
            .setVoidPixels("ignore")
            .setEmaDecay(0.9)
            .build();
    var unbroken = new Workshop(folder.resolve("unbroken"), weights, 6);
    TrainingManifest whole = unbroken.train(config);
    TrainConfig stepwise = config.toBuilder().setCheckpointEverySteps(1).build();
    var broken = new Workshop(folder.resolve("broken"), weights, 6);
    var saved = new AtomicInteger();
    broken.listener =
        progress -> {
          if (progress.getMessage().contains("saving") && saved.incrementAndGet() == 2) {
            Thread.currentThread().interrupt();
          }
        };

    assertThatThrownBy(() -> broken.train(stepwise)).isInstanceOf(InterruptedException.class);
    assertThat(broken.context().actions().records("train.epoch")).isEmpty();
    assertThat(broken.context().actions().records("train.step")).hasSize(1);
    broken.listener = ProgressSink.NONE;
    broken.progress.clear();
    TrainingManifest resumed = broken.train(stepwise);

    assertThat(resumed).isEqualTo(whole);
    assertThat(broken.progress.get(0).getMessage())
        .contains("goes on after step 1/3 of epoch 1/1, which the store has");
    assertThat(broken.progress.get(0).getDone()).isEqualTo(1);
    assertThat(broken.context().actions().records("train.step")).as("superseded").isEmpty();
    assertThat(optimizerStates(broken)).hasSize(1);
    assertThat(whole.getEpochs(0).getHistory().getLearningRate()).isEqualTo(0.01);
  }

  /**
   * The chunks are the same, and so is the loss; they differ in whose statistics are remembered.
   */
  @Test
  void run_whenABatchIsCutForReplicasOrForMemory_differsInTheRunningStatisticsAlone()
      throws Exception {
    TrainConfig once = CONFIG.toBuilder().setEpochs(1).setBatchSize(4).build();
    var replicated = new Workshop(folder.resolve("replicated"), weights, 4);
    var accumulated = new Workshop(folder.resolve("accumulated"), weights, 4);
    TrainingManifest first = replicated.train(once.toBuilder().setReplicas(2).build());
    TrainingManifest second = accumulated.train(once.toBuilder().setAccumulate(2).build());

    assertThat(first.getEpochs(0).getHistory().getTrainLoss())
        .isPositive()
        .isEqualTo(second.getEpochs(0).getHistory().getTrainLoss());
    Map<String, Tensor> one = replicated.tensors(first.getEpochs(0).getCheckpoint());
    Map<String, Tensor> two = accumulated.tensors(second.getEpochs(0).getCheckpoint());
    assertThat(one.get("classifier.4.weight").bytes())
        .isEqualTo(two.get("classifier.4.weight").bytes());
    assertThat(one.get("classifier.2.running_mean").bytes())
        .isNotEqualTo(two.get("classifier.2.running_mean").bytes());
    assertThat(one.get("classifier.2.num_batches_tracked").bytes().getLong()).isEqualTo(1);
    assertThat(two.get("classifier.2.num_batches_tracked").bytes().getLong()).isEqualTo(2);
  }

  @Test
  void run_whenABatchIsVoidAloneAndVoidIsIgnored_learnsNothingFromIt() throws Exception {
    var workshop = new Workshop(folder.resolve("store"), weights, 2);
    workshop.train = SmallSplits.write(workshop.store, folder, "void", 2, 33, 4, label -> 255);
    TrainConfig config = CONFIG.toBuilder().setEpochs(1).setVoidPixels("ignore").build();

    TrainingManifest trained = workshop.train(config);

    EpochHistory history = trained.getEpochs(0).getHistory();
    assertThat(history.getSteps()).isEqualTo(1);
    assertThat(history.getTrainLoss()).isZero();
    assertThat(history.getValLoss()).isPositive().isFinite();
    Map<String, Tensor> after = workshop.tensors(trained.getEpochs(0).getCheckpoint());
    assertThat(after.get("classifier.4.weight").bytes())
        .isEqualTo(workshop.tensors(workshop.initial).get("classifier.4.weight").bytes());
  }

  @Test
  void run_whenACheckpointCannotBeWritten_fails() throws Exception {
    var workshop = new Workshop(folder.resolve("store"), weights, 2);
    workshop.listener =
        progress -> {
          if (progress.getMessage().contains("saving")) {
            workshop.full = true;
          }
        };
    assertThatThrownBy(() -> workshop.train(CONFIG.toBuilder().setEpochs(1).build()))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("No space left on device");
    assertThat(workshop.context().actions().records("train.epoch")).isEmpty();
  }

  @Test
  void split_whenAReplicaWouldHaveOnePicture_saysWhichBatch() throws Exception {
    var workshop = new Workshop(folder.resolve("store"), weights, 5);
    TrainConfig config = CONFIG.toBuilder().setBatchSize(4).setReplicas(4).build();
    assertThatThrownBy(() -> workshop.train(config))
        .isInstanceOf(StageException.class)
        .hasMessageContaining("chunks of [2, 2, 1]")
        .hasMessageContaining("lower train.replicas");
  }

  @Test
  void split_whenThereIsOnePicture_saysHowManyAreNeeded() throws Exception {
    var workshop = new Workshop(folder.resolve("store"), weights, 1);
    assertThatThrownBy(() -> workshop.train(CONFIG))
        .isInstanceOf(StageException.class)
        .hasMessage(
            "Cannot train: the split 'train' has 1 images (batch normalisation needs at least 2)");
  }

  private static float[] nans(int n) {
    float[] values = new float[n];
    Arrays.fill(values, Float.NaN);
    return values;
  }

  private static List<ArtifactRef> optimizerStates(Workshop workshop) throws Exception {
    List<ArtifactRef> states = new ArrayList<>();
    for (var record : workshop.context().actions().records("train.epoch")) {
      ArtifactRef state =
          workshop
              .store
              .readManifest(record.getOutput(), EpochManifest.parser())
              .getOptimizerState();
      if (workshop.store.problem(state).isEmpty()) {
        states.add(state);
      }
    }
    return states;
  }

  /** A store with two small splits and a checkpoint, and what is needed to train there. */
  private static final class Workshop {
    private final ArtifactStore store;
    private final ArtifactRef initial;
    private ArtifactRef train;
    private final ArtifactRef val;
    private final List<Progress> progress = new ArrayList<>();
    private ProgressSink listener = ProgressSink.NONE;

    /** Whether the disk is. */
    private boolean full;

    Workshop(Path folder, Path weights, int items) throws Exception {
      this.store = new ArtifactStore(fillable(LocalObjects.open(folder)));
      this.train = SmallSplits.write(store, folder, "train", items, 33, 4);
      this.val = SmallSplits.write(store, folder, "val", 3, 33, 4);
      this.initial =
          store.putManifest(
              CheckpointManifest.newBuilder()
                  .setNetwork("deeplabv3_resnet50")
                  .setNumClasses(20)
                  .setWeights(store.put("safetensors", weights))
                  .build());
    }

    Map<String, Tensor> tensors(ArtifactRef checkpoint) throws Exception {
      CheckpointManifest manifest = store.readManifest(checkpoint, CheckpointManifest.parser());
      return Safetensors.read(store.file(manifest.getWeights()));
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
      StageCall call =
          StageCall.newBuilder()
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
}
