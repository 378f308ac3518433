package io.cityseg.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.cityseg.model.FormulaWeights;
import io.cityseg.model.Safetensors;
import io.cityseg.model.Tensor;
import io.cityseg.model.TorchEngine;
import io.cityseg.proto.ArtifactRef;
import io.cityseg.proto.EpochHistory;
import io.cityseg.proto.EpochManifest;
import io.cityseg.proto.StepManifest;
import io.cityseg.proto.TrainConfig;
import io.cityseg.proto.TrainingManifest;
import io.cityseg.stage.ProgressSink;
import io.cityseg.stage.StageException;
import io.cityseg.store.StoreException;
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

  /**
   * The loss is that of the weights before an update. A bias that no pixel's class has moves by its
   * decay alone, beyond all numbers.
   */
  @Test
  void run_whenAnUpdateLeavesNoNumber_storesNothingOfIt() throws Exception {
    Map<String, Tensor> weak = FormulaWeights.all();
    float[] bias = new float[20];
    bias[5] = -3e38f;
    weak.put("classifier.4.bias", Tensor.of(bias, 20L));
    Path file = folder.resolve("weak.safetensors");
    Safetensors.write(file, weak);
    var workshop = new Workshop(folder.resolve("store"), file, 4);
    TrainConfig.Builder config =
        CONFIG.toBuilder().setOptimizer("sgd").setLearningRate(0.01).setWeightDecay(1);
    config.setHeadLearningRateFactor(1000);

    for (int batch : new int[] {2, 4}) {
      config.setBatchSize(batch).setCheckpointEverySteps(1);
      assertThatThrownBy(() -> workshop.train(config.build()))
          .isInstanceOf(StageException.class)
          .hasMessageStartingWith(
              "Training diverged: classifier.4.bias has a value that is no number after epoch 1,"
                  + " step 1 (items train_0000")
          .hasMessageEndingWith("What was stored before stays");
      assertThat(workshop.context().actions().records("train.step")).isEmpty();
      assertThat(workshop.context().actions().records("train.epoch")).isEmpty();
    }
  }

  /** Logits whose difference is beyond all numbers, of weights that are none of them. */
  @Test
  void run_whenTheValidationLossIsNotANumber_storesNoEpoch() throws Exception {
    Map<String, Tensor> far = FormulaWeights.all();
    float[] bias = new float[20];
    Arrays.fill(bias, 2e38f);
    bias[0] = -2e38f;
    far.put("classifier.4.bias", Tensor.of(bias, 20L));
    Path file = folder.resolve("far.safetensors");
    Safetensors.write(file, far);
    var workshop = new Workshop(folder.resolve("store"), file, 2);
    workshop.train = SmallSplits.write(workshop.store, folder, "void", 2, 33, 4, label -> 255);
    TrainConfig config = CONFIG.toBuilder().setEpochs(1).setVoidPixels("ignore").build();

    assertThatThrownBy(() -> workshop.train(config))
        .isInstanceOf(StageException.class)
        .hasMessageStartingWith("Training diverged: the validation loss is ")
        .hasMessageContaining(" after epoch 1 (items " + SmallSplits.id("val", 0));
    assertThat(workshop.context().actions().records("train.epoch")).isEmpty();
  }

  @Test
  void run_whenDeterministic_givesTheSameBytesTwiceAndLeavesTheEngineAsItWas() throws Exception {
    TrainConfig config = CONFIG.toBuilder().setEpochs(1).setDeterministic(true).build();
    TrainingManifest once = new Workshop(folder.resolve("once"), weights, 4).train(config);
    TrainingManifest twice = new Workshop(folder.resolve("twice"), weights, 4).train(config);
    TrainingManifest plain =
        new Workshop(folder.resolve("plain"), weights, 4)
            .train(config.toBuilder().setDeterministic(false).build());
    assertThat(once).isEqualTo(twice);
    assertThat(plain).as("on a CPU nothing else is computed").isEqualTo(once);
  }

  @Test
  void run_whenDeterministicOnAGpuThatIsNotThere_isRefused() throws Exception {
    assumeThat(TorchEngine.hasGpu()).isFalse();
    var workshop = new Workshop(folder.resolve("store"), weights, 2);
    TrainConfig config = CONFIG.toBuilder().setDeterministic(true).setDevice("gpu").build();
    assertThatThrownBy(() -> workshop.train(config))
        .isInstanceOf(StageException.class)
        .hasMessageContaining("train.device is gpu, but the engine sees no GPU");
  }

  /** A training that begins anew does not look at what an abandoned one has left. */
  @Test
  void run_whenATrainingWasAbandonedWithinAnEpoch_dropsItsStateWithTheEpoch() throws Exception {
    TrainConfig stepwise = CONFIG.toBuilder().setEpochs(1).setCheckpointEverySteps(1).build();
    var workshop = new Workshop(folder.resolve("store"), weights, 6);
    var saved = new AtomicInteger();
    workshop.listener =
        progress -> {
          if (progress.getMessage().contains("saving") && saved.incrementAndGet() == 2) {
            Thread.currentThread().interrupt();
          }
        };
    assertThatThrownBy(() -> workshop.train(stepwise)).isInstanceOf(InterruptedException.class);
    workshop.listener = ProgressSink.NONE;
    var left = workshop.context().actions().records("train.step").get(0);
    StepManifest state = workshop.store.readManifest(left.getOutput(), StepManifest.parser());

    workshop.trainAnew(stepwise.toBuilder().setCheckpointEverySteps(0).build());

    assertThat(workshop.context().actions().records("train.step")).isEmpty();
    assertThat(workshop.store.problem(state.getOptimizerState())).isPresent();
    assertThat(workshop.store.problem(state.getCheckpoint())).isPresent();
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
}
