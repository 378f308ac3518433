package io.cityseg.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cityseg.model.FormulaWeights;
import io.cityseg.model.Safetensors;
import io.cityseg.model.Tensor;
import io.cityseg.proto.ArtifactRef;
import io.cityseg.proto.EpochHistory;
import io.cityseg.proto.TrainConfig;
import io.cityseg.proto.TrainingManifest;
import io.cityseg.stage.ProgressSink;
import io.cityseg.stage.StageException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Trainings of the networks beside deeplabv3_resnet50, on pictures of 33 x 33 pixels. */
class OtherNetworksTest {
  private static final String MOBILENET = "deeplabv3_mobilenet_v3_large";
  private static final String RESNET101 = "deeplabv3_resnet101";

  private static final TrainConfig CONFIG =
      TrainConfigs.defaults()
          .setEpochs(1)
          .setBatchSize(2)
          .setThreads(1)
          .setAuxLossWeight(0.4)
          .build();

  @TempDir Path folder;

  /** Killed with two of three steps done, of which the store has the first. */
  @Test
  void run_ofMobilenetKilledWithinAnEpoch_endsWithTheBytesOfAnUnbrokenOne() throws Exception {
    TrainConfig config = CONFIG.toBuilder().setEpochs(2).build();
    TrainingManifest whole = workshop("unbroken", MOBILENET, 6).train(config);
    Workshop broken = workshop("broken", MOBILENET, 6);
    var saved = new AtomicInteger();
    broken.listener =
        progress -> {
          if (progress.getMessage().contains("saving") && saved.incrementAndGet() == 5) {
            Thread.currentThread().interrupt();
          }
        };
    TrainConfig stepwise = config.toBuilder().setCheckpointEverySteps(1).build();

    assertThatThrownBy(() -> broken.train(stepwise)).isInstanceOf(InterruptedException.class);
    broken.listener = ProgressSink.NONE;
    broken.progress.clear();
    TrainingManifest resumed = broken.train(stepwise);

    assertThat(broken.progress.get(0).getMessage())
        .isEqualTo("goes on after step 1/3 of epoch 2/2, which the store has");
    assertThat(resumed).isEqualTo(whole);
    assertThat(workshop("again", MOBILENET, 6).train(config)).as("the same seed").isEqualTo(whole);
    assertLearnt(broken, whole, MOBILENET, "backbone.16.0.weight");
    assertThat(whole.getEpochs(1).getHistory().getTrainLoss())
        .isLessThan(whole.getEpochs(0).getHistory().getTrainLoss());
  }

  @Test
  void run_ofResnet101_changesEveryLayerAndKeepsItsNames() throws Exception {
    Workshop workshop = workshop("store", RESNET101, 2);
    assertLearnt(workshop, workshop.train(CONFIG), RESNET101, "backbone.layer3.22.conv2.weight");
  }

  @Test
  void run_whenTheCheckpointIsOfAnotherNetworkThanItSays_namesBoth() throws Exception {
    Workshop workshop = new Workshop(folder.resolve("store"), RESNET101, weights(MOBILENET), 2);
    assertThatThrownBy(() -> workshop.train(CONFIG))
        .isInstanceOf(StageException.class)
        .hasMessageContaining("are not those of torchvision's deeplabv3_resnet101")
        .hasMessageContaining("they are named as those of deeplabv3_mobilenet_v3_large");
  }

  private static void assertLearnt(
      Workshop workshop, TrainingManifest trained, String network, String deepest)
      throws Exception {
    ArtifactRef checkpoint = trained.getEpochs(trained.getEpochsCount() - 1).getCheckpoint();
    assertThat(workshop.manifest(checkpoint).getNetwork()).isEqualTo(network);
    Map<String, Tensor> before = workshop.tensors(workshop.initial);
    Map<String, Tensor> after = workshop.tensors(checkpoint);
    assertThat(after.keySet()).containsExactlyElementsOf(before.keySet());
    for (String name : new String[] {deepest, "classifier.4.weight", "aux_classifier.4.bias"}) {
      assertThat(after.get(name).bytes()).as(name).isNotEqualTo(before.get(name).bytes());
    }
    EpochHistory history = trained.getEpochs(0).getHistory();
    assertThat(history.getTrainLoss()).isPositive().isFinite();
    assertThat(history.getValLoss()).isPositive().isFinite();
  }

  private Workshop workshop(String name, String network, int items) throws Exception {
    return new Workshop(folder.resolve(name), network, weights(network), items);
  }

  private Path weights(String network) throws Exception {
    Path file = folder.resolve(network + ".safetensors");
    if (Files.notExists(file)) {
      Safetensors.write(file, FormulaWeights.all(network));
    }
    return file;
  }
}
