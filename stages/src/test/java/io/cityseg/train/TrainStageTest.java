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
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Trainings of the whole network on pictures of 33 x 33 pixels. */
class TrainStageTest {
  private static final TrainConfig CONFIG =
      TrainConfig.newBuilder()
          .setEpochs(2)
          .setBatchSize(2)
          .setLearningRate(1e-4)
          .setBeta1(0.9)
          .setBeta2(0.999)
          .setEpsilon(1e-8)
          .setFlipProbability(0.5)
          .setAuxLossWeight(0)
          .setSeed(42)
          .setDevice("cpu")
          .setThreads(1)
          .setPrecision("fp32")
          .build();

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
    private final ArtifactRef train;
    private final ArtifactRef val;
    private final List<Progress> progress = new ArrayList<>();
    private ProgressSink listener = ProgressSink.NONE;

    Workshop(Path folder, Path weights, int items) throws Exception {
      this.store = new ArtifactStore(LocalObjects.open(folder));
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
