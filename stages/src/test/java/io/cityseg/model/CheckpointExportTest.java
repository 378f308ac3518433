package io.cityseg.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cityseg.proto.ArtifactRef;
import io.cityseg.proto.CheckpointManifest;
import io.cityseg.proto.InitConfig;
import io.cityseg.proto.PipelineConfig;
import io.cityseg.proto.StageCall;
import io.cityseg.stage.ProgressSink;
import io.cityseg.stage.StageContext;
import io.cityseg.stage.StageException;
import io.cityseg.stage.StageKeys;
import io.cityseg.store.ActionCache;
import io.cityseg.store.ArtifactStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointExportTest {
  private static final NetworkType MOBILE = NetworkType.DEEPLABV3_MOBILENET_V3_LARGE;

  @TempDir Path folder;
  private ArtifactStore store;

  @BeforeEach
  void open() throws Exception {
    store = new ArtifactStore(new FolderStorage(folder.resolve("store")));
  }

  @Test
  void write_whenImportedAgain_isTheSameArtifact() throws Exception {
    ArtifactRef checkpoint = init(Map.of());
    for (String name : List.of("a.pth", "a.safetensors")) {
      Path file = folder.resolve(name);
      CheckpointExport.of(checkpoint, store).write(file);
      byte[] bytes = Files.readAllBytes(file);
      assertThat(Checkpoints.importCheckpoint(file, store)).isEqualTo(checkpoint);

      CheckpointExport.of(file).write(file);
      assertThat(Files.mismatch(file, copy(bytes))).as("the same bytes again").isEqualTo(-1);
    }
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("store", "a.pth", "a.safetensors", "copy");
    }
  }

  @Test
  void write_whenTheFileCannotBeWritten_saysWhichAndLeavesNothing() throws Exception {
    ArtifactRef checkpoint = init(Map.of());
    Path out = folder.resolve("missing").resolve("a.pth");
    var export = CheckpointExport.of(checkpoint, store);
    assertThatThrownBy(() -> export.write(out))
        .isInstanceOf(StageException.class)
        .hasMessageStartingWith("Cannot write " + out + ": ");
  }

  @Test
  void init_whenTheWeightsAreAPthFileOfAnotherNumberOfClasses_replacesTheOutputLayersAlone()
      throws Exception {
    Map<String, Tensor> given = new LinkedHashMap<>();
    FreshWeights other = new FreshWeights(7);
    for (StateTensor tensor : DeepLabV3.of(MOBILE, 21).tensors()) {
      given.put("module." + tensor.name(), other.of(tensor));
    }
    Map<String, Tensor> tensors = tensors(init(given));

    Map<String, Tensor> fresh = tensors(init(Map.of()));
    assertThat(tensors).hasSameSizeAs(fresh);
    tensors.forEach(
        (name, tensor) ->
            assertThat(tensor.bytes())
                .as(name)
                .isEqualTo(
                    DeepLabV3.OUTPUT_LAYERS.stream().anyMatch(name::startsWith)
                        ? fresh.get(name).bytes()
                        : given.get("module." + name).bytes()));
    assertThat(tensors.get("backbone.4.block.2.fc1.bias").bytes())
        .as("torchvision begins the backbone's biases at 0")
        .isEqualTo(Tensor.of(new float[24], 24L).bytes());
  }

  @Test
  void init_whenTheWeightsAreOfAnotherNetwork_saysWhich() {
    Map<String, Tensor> given = new LinkedHashMap<>();
    for (StateTensor tensor : DeepLabV3.of(20).tensors()) {
      given.put(tensor.name(), Tensor.scalar(0));
    }
    assertThatThrownBy(() -> init(given))
        .isInstanceOf(StageException.class)
        .hasMessageContaining(
            "torchvision's deeplabv3_mobilenet_v3_large with an auxiliary head, they are named as"
                + " those of deeplabv3_resnet50; missing: ");
  }

  private ArtifactRef init(Map<String, Tensor> weights) throws Exception {
    PipelineConfig.Builder config = PipelineConfig.newBuilder();
    config.setInit(InitConfig.newBuilder().setNetwork(MOBILE.text()).setSeed(42));
    StageCall.Builder call = StageCall.newBuilder().setStage("init").setConfig(config);
    if (!weights.isEmpty()) {
      Path file = folder.resolve("given.pth");
      TorchFileWriter.write(file, weights);
      call.addInputs(StageKeys.input(InitStage.WEIGHTS, store.put("pth", file)));
    }
    InitStage stage = new InitStage();
    StageContext context =
        new StageContext(store, new ActionCache(store), ProgressSink.NONE, "run");
    return stage.run(stage.split(call.build(), context).get(0), context);
  }

  private Map<String, Tensor> tensors(ArtifactRef checkpoint) throws Exception {
    CheckpointManifest manifest = store.readManifest(checkpoint, CheckpointManifest.parser());
    assertThat(manifest.getNetwork()).isEqualTo(MOBILE.text());
    return Safetensors.read(store.file(manifest.getWeights()));
  }

  private Path copy(byte[] bytes) throws Exception {
    return Files.write(folder.resolve("copy"), bytes);
  }
}
