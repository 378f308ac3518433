package io.cityseg.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.GradientCollector;
import io.cityseg.proto.CheckpointManifest;
import io.cityseg.stage.StageException;
import io.cityseg.store.ArtifactStore;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SegmentationNetworkTest {
  @TempDir static Path folder;
  private static Path file;
  private static SegmentationNetwork network;

  @BeforeAll
  static void load() throws Exception {
    // On a machine that others use, the threads of one operation wait for each other.
    TorchEngine.threads(1);
    file = folder.resolve("formula.safetensors");
    Safetensors.write(file, FormulaWeights.all());
    network = SegmentationNetwork.load(file, "deeplabv3_resnet50", 20, Device.cpu());
  }

  @AfterAll
  static void close() {
    network.close();
  }

  @Test
  void save_whenNothingWasTrained_givesTheBytesItWasLoadedFrom() throws Exception {
    Path copy = folder.resolve("copy.safetensors");
    network.save(copy);
    assertThat(Files.mismatch(copy, file)).as("first byte that differs").isEqualTo(-1);
  }

  @Test
  void put_whenLoadedFromTheStore_givesTheSameWeights() throws Exception {
    ArtifactStore store = new ArtifactStore(new FolderStorage(folder.resolve("store")));
    CheckpointManifest manifest =
        store.readManifest(Checkpoints.put(network, store), CheckpointManifest.parser());
    try (SegmentationNetwork again =
        SegmentationNetwork.load(manifest, store, TorchEngine.device("cpu"))) {
      assertThat(again.state().get("classifier.4.bias"))
          .isEqualTo(network.state().get("classifier.4.bias"));
    }
  }

  @Test
  void forward_whenTraining_buildsAGraphMovesStatisticsAndCountsBatches() throws Exception {
    Path saved = folder.resolve("trained.safetensors");
    TorchEngine.seed(1);
    try (SegmentationNetwork trained =
        SegmentationNetwork.load(file, "deeplabv3_resnet50", 20, Device.cpu())) {
      try (NDManager step = trained.manager().newSubManager();
          NDArray input = input(step, 2);
          GradientCollector gradients = Engine.getInstance().newGradientCollector();
          Logits logits = trained.forward(input, true, true);
          NDArray loss = logits.out().mean()) {
        gradients.backward(loss);
      }
      NDArray gradient = trained.parameters().get("backbone.conv1.weight").getGradient();
      assertThat(gradient.abs().sum().getFloat()).isPositive();
      trained.save(saved);
    }
    Map<String, Tensor> tensors = Safetensors.read(saved);
    assertThat(tensors.get("backbone.bn1.num_batches_tracked").bytes().getLong()).isEqualTo(1);
    assertThat(tensors.get("aux_classifier.1.num_batches_tracked").bytes().getLong()).isEqualTo(1);
    assertThat(tensors.get("backbone.bn1.running_mean").bytes())
        .isNotEqualTo(Safetensors.read(file).get("backbone.bn1.running_mean").bytes());
  }

  @Test
  void forward_whenEvaluatingWhereGradientsAreOn_buildsNoGraphAndLeavesTheModeAsItWas() {
    boolean before = JniUtils.isGradMode();
    JniUtils.setGradMode(true);
    try (NDManager step = network.manager().newSubManager();
        NDArray input = input(step, 1);
        Logits logits = network.forward(input, false, false)) {
      assertThat(logits.out().hasGradient()).isFalse();
      assertThat(JniUtils.isGradMode()).isTrue();
      assertThat(network.state().get("backbone.bn1.num_batches_tracked").getLong()).isZero();
    } finally {
      JniUtils.setGradMode(before);
    }
  }

  @Test
  void forward_whenTrainingOnOnePicture_refuses() {
    try (NDManager step = network.manager().newSubManager();
        NDArray input = input(step, 1)) {
      assertThatThrownBy(() -> network.forward(input, true, false))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("must be float32 [N, 3, H, W] with N >= 2");
    }
  }

  @Test
  void load_whenTheNumberOfClassesDiffers_namesTheOutputLayers() {
    assertThatThrownBy(() -> SegmentationNetwork.load(file, "deeplabv3_resnet50", 21, Device.cpu()))
        .isInstanceOf(StageException.class)
        .hasMessageStartingWith("Cannot use " + file)
        .hasMessageContaining("classifier.4.bias is F32 [20] (must be F32 [21])");
  }

  @Test
  void device_whenThereIsNoGpu_refusesInsteadOfFallingBack() throws Exception {
    Assumptions.assumeTrue(Engine.getInstance().getGpuCount() == 0, "there is a GPU here");
    assertThatThrownBy(() -> TorchEngine.device("gpu"))
        .isInstanceOf(StageException.class)
        .hasMessageStartingWith("train.device is gpu, but the engine sees no GPU: ");
    assertThatThrownBy(() -> TorchEngine.device("evaluate.device", "tpu"))
        .hasMessage("Invalid evaluate.device: 'tpu' (must be 'cpu' or 'gpu')");
  }

  @Test
  void environment_namesTheEnginesVersion() {
    assertThat(TorchEngine.environment())
        .singleElement()
        .satisfies(
            fact -> {
              assertThat(fact.getName()).isEqualTo("pytorch");
              assertThat(fact.getValue()).isEqualTo(Engine.getInstance().getVersion());
            });
  }

  private static NDArray input(NDManager manager, int n) {
    return manager.create(
        FloatBuffer.wrap(FormulaWeights.input(n, 33, 33)), new Shape(n, 3, 33, 33));
  }
}
