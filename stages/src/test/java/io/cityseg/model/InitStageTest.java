package io.cityseg.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.cityseg.proto.ArtifactRef;
import io.cityseg.proto.CheckpointManifest;
import io.cityseg.proto.InitConfig;
import io.cityseg.proto.Piece;
import io.cityseg.proto.PipelineConfig;
import io.cityseg.proto.StageCall;
import io.cityseg.stage.ProgressSink;
import io.cityseg.stage.StageContext;
import io.cityseg.stage.StageException;
import io.cityseg.stage.StageKeys;
import io.cityseg.store.ActionCache;
import io.cityseg.store.ArtifactStore;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InitStageTest {
  private static final List<StateTensor> WANTED = DeepLabV3.of(20).tensors();

  /** The first values of seed 42, computed by another program from the generator's description. */
  private static final float[] CONV1 = {-0.022840656f, 0.03792957f, 0.014269718f, -0.043175545f};

  private static final float[] BIAS = {-0.055065677f, 0.038363483f, 0.0074844062f};

  private static final float[] CHANNELS = new float[64];

  static {
    Arrays.fill(CHANNELS, 0.25f);
  }

  @TempDir static Path folder;
  private static ArtifactStore store;
  private static StageContext context;
  private static ArtifactRef fresh;
  private static final InitStage STAGE = new InitStage();

  @BeforeAll
  static void open() throws Exception {
    store = new ArtifactStore(new FolderStorage(folder.resolve("store")));
    context = new StageContext(store, new ActionCache(store), ProgressSink.NONE, "run");
    fresh = run(call(42));
  }

  @Test
  void run_whenThereAreNoWeights_drawsEveryLayerFromTheSeed() throws Exception {
    CheckpointManifest manifest = manifest(fresh);
    Map<String, Tensor> tensors = Safetensors.read(store.file(manifest.getWeights()));

    assertThat(manifest.getNetwork()).isEqualTo("deeplabv3_resnet50");
    assertThat(manifest.getNumClasses()).isEqualTo(20);
    assertThat(tensors.keySet())
        .containsExactlyElementsOf(WANTED.stream().map(StateTensor::name).toList());
    // Kept, so that no change of the generator goes unseen: it would change the key of everything.
    assertThat(values(tensors, "backbone.conv1.weight")).startsWith(CONV1);
    assertThat(values(tensors, "classifier.4.bias")).startsWith(BIAS);
    // He et al.: sqrt(2 / fan-out); 256 channels of 3x3 taps.
    float[] normal = values(tensors, "backbone.layer3.1.conv2.weight");
    assertThat(deviation(normal)).isCloseTo(Math.sqrt(2.0 / (256 * 9)), within(1e-4));
    // A uniform distribution within 1 / sqrt(fan-in) deviates by its bound / sqrt(3).
    float[] uniform = values(tensors, "classifier.1.weight");
    double bound = 1 / Math.sqrt(256 * 9);
    assertThat(deviation(uniform)).isCloseTo(bound / Math.sqrt(3), within(1e-4));
    assertThat(uniform).doesNotContain(Float.NaN);
    for (float value : uniform) {
      assertThat(Math.abs(value)).isLessThanOrEqualTo((float) bound);
    }
    assertThat(values(tensors, "backbone.layer4.2.bn3.weight")).containsOnly(1f);
    assertThat(values(tensors, "backbone.layer4.2.bn3.running_mean")).containsOnly(0f);
  }

  @Test
  void run_whenRepeated_givesTheSameArtifact() throws Exception {
    assertThat(run(call(42))).isEqualTo(fresh);
  }

  @Test
  void of_whenTheSeedOrTheNameDiffers_givesOtherValues() {
    StateTensor weight = WANTED.get(0);
    StateTensor other = new StateTensor("backbone.x", weight.shape(), weight.role(), 1);
    assertThat(new FreshWeights(43).of(weight).bytes())
        .isEqualTo(new FreshWeights(43).of(weight).bytes())
        .isNotEqualTo(new FreshWeights(42).of(weight).bytes())
        .isNotEqualTo(new FreshWeights(43).of(other).bytes());
  }

  @Test
  void run_whenWeightsOfAnotherNumberOfClassesAreGiven_replacesTheOutputLayersAlone()
      throws Exception {
    Map<String, Tensor> own = Safetensors.read(store.file(manifest(fresh).getWeights()));
    Map<String, Tensor> given = new LinkedHashMap<>();
    for (StateTensor tensor : DeepLabV3.of(21).tensors()) {
      if (tensor.role() != StateTensor.Role.BATCHES_TRACKED) {
        given.put("module." + tensor.name(), own.get(tensor.name()));
      }
    }
    given.put("module.classifier.4.bias", Tensor.of(new float[21], 21L));
    given.put("module.classifier.4.weight", Tensor.of(new float[21 * 256], 21L, 256L, 1L, 1L));
    given.put("module.backbone.bn1.bias", Tensor.of(CHANNELS, 64L));

    CheckpointManifest manifest = manifest(run(call(42, given)));

    Map<String, Tensor> tensors = Safetensors.read(store.file(manifest.getWeights()));
    assertThat(StateDict.checked("it", tensors, DeepLabV3.of(20))).hasSameSizeAs(tensors);
    assertThat(values(tensors, "backbone.bn1.bias")).isEqualTo(CHANNELS);
    assertThat(values(tensors, "classifier.4.bias")).startsWith(BIAS).hasSize(20);
    for (String head : List.of("classifier.4.", "aux_classifier.4.")) {
      assertIsConv2dsFirstState(values(tensors, head + "weight"), 20 * 256, 5e-4);
      assertIsConv2dsFirstState(values(tensors, head + "bias"), 20, 1e-2);
    }
    assertThat(tensors.get("backbone.bn1.num_batches_tracked").bytes().getLong()).isZero();
  }

  @Test
  void run_whenWeightsAreOfAnotherNetwork_namesWhatDiffers() throws Exception {
    Map<String, Tensor> given = new LinkedHashMap<>();
    given.put("fc.weight", Tensor.of(new float[] {1}, 1L));
    given.put("backbone.bn1.weight", Tensor.of(new float[] {1}, 1L));
    StageCall call = call(42, given);
    assertThatThrownBy(() -> run(call))
        .isInstanceOf(StageException.class)
        .hasMessageStartingWith("Cannot use weights.safetensors: ")
        .hasMessageContaining("missing: backbone.conv1.weight, backbone.bn1.bias, ")
        .hasMessageContaining("unexpected: fc.weight;")
        .hasMessageEndingWith("backbone.bn1.weight is F32 [1] (must be F32 [64])");
  }

  @Test
  void split_whenTheSeedOrTheWeightsChange_givesAnotherKey() throws Exception {
    StageCall call = call(42);
    Piece piece = STAGE.split(call, context).get(0);
    assertThat(piece.getKey()).isEqualTo(StageKeys.of(STAGE, call));
    assertThat(piece.getKey().getSeed()).isEqualTo(42);
    assertThat(piece.getKey().getEnvironmentList()).isEmpty();
    assertThat(piece.getKey().toString()).doesNotContain("init.weights");
    assertThat(STAGE.split(call(43), context).get(0).getKey()).isNotEqualTo(piece.getKey());
  }

  @Test
  void importCheckpoint_whenWrittenInAnotherOrderWithAPrefix_isTheSameArtifact() throws Exception {
    Map<String, Tensor> tensors = Safetensors.read(store.file(manifest(fresh).getWeights()));
    Map<String, Tensor> foreign = new LinkedHashMap<>();
    tensors.keySet().stream()
        .sorted()
        .forEach(name -> foreign.put("module." + name, tensors.get(name)));
    Path file = folder.resolve("foreign.safetensors");
    Safetensors.write(file, foreign);
    assertThat(Checkpoints.importCheckpoint(file, store)).isEqualTo(fresh);
  }

  /**
   * PyTorch's {@code Conv2d.reset_parameters} for 256 inputs: {@code kaiming_uniform_(a=sqrt(5))}
   * is uniform within sqrt(6 / (1 + 5) / 256) = 1/16, and so is the bias.
   */
  private static void assertIsConv2dsFirstState(float[] values, int count, double tolerance) {
    assertThat(values).hasSize(count);
    double largest = 0;
    double sum = 0;
    for (float value : values) {
      largest = Math.max(largest, Math.abs(value));
      sum += value;
    }
    assertThat(largest).isBetween(0.9 / 16, 1.0 / 16);
    assertThat(deviation(values)).isCloseTo(1 / 16.0 / Math.sqrt(3), within(tolerance));
    // four standard errors of the mean
    assertThat(sum / count).isCloseTo(0, within(4 / 16.0 / Math.sqrt(3.0 * count)));
  }

  private static ArtifactRef run(StageCall call) throws Exception {
    ArtifactRef result = STAGE.run(STAGE.split(call, context).get(0), context);
    return STAGE.gather(call, List.of(result), context);
  }

  private static StageCall call(long seed) {
    return StageCall.newBuilder().setStage("init").setConfig(config(seed, "")).build();
  }

  private static StageCall call(long seed, Map<String, Tensor> weights) throws Exception {
    Path file = folder.resolve("given.safetensors");
    Safetensors.write(file, weights);
    return StageCall.newBuilder()
        .setStage("init")
        .setConfig(config(seed, "weights.safetensors"))
        .addInputs(StageKeys.input(InitStage.WEIGHTS, store.put("safetensors", file)))
        .build();
  }

  private static PipelineConfig config(long seed, String weights) {
    return PipelineConfig.newBuilder()
        .setInit(
            InitConfig.newBuilder()
                .setNetwork("deeplabv3_resnet50")
                .setSeed(seed)
                .setWeights(weights))
        .build();
  }

  private static CheckpointManifest manifest(ArtifactRef ref) throws Exception {
    return store.readManifest(ref, CheckpointManifest.parser());
  }

  private static float[] values(Map<String, Tensor> tensors, String name) {
    float[] values = new float[Math.toIntExact(tensors.get(name).byteCount() / 4)];
    tensors.get(name).bytes().asFloatBuffer().get(values);
    return values;
  }

  private static double deviation(float[] values) {
    double squares = 0;
    for (float value : values) {
      squares += (double) value * value;
    }
    return Math.sqrt(squares / values.length);
  }
}
