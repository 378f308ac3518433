package io.cityseg.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.cityseg.proto.ActionKey;
import io.cityseg.proto.ArtifactRef;
import io.cityseg.proto.Input;
import io.cityseg.proto.OptionsProto;
import io.cityseg.proto.Parameter;
import io.cityseg.proto.Piece;
import io.cityseg.proto.PipelineConfig;
import io.cityseg.proto.ShardsConfig;
import io.cityseg.proto.StageCall;
import io.cityseg.stage.Stage;
import io.cityseg.stage.StageContext;
import io.cityseg.stage.StageKeys;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What enters which key. */
class ActionKeysTest {
  private static final List<String> STAGES =
      List.of("ingest", "trainids", "shards", "init", "train", "evaluate", "report");

  private static final PipelineConfig CONFIG = filled();

  /**
   * Every parameter, and the stages whose key changes with it. Whoever adds a parameter decides
   * here whether it changes what its stage makes; if it does not, its rule says execution_only.
   */
  private static final List<String> EXPECTED =
      List.of(
          "data.paths -> none",
          "data.scenes_train -> none",
          "data.scenes_val -> none",
          "data.scenes_height -> none",
          "data.scenes_width -> none",
          "data.scenes_seed -> none",
          "ingest.labels -> ingest",
          "shards.height -> shards",
          "shards.width -> shards",
          "shards.items_per_shard -> shards",
          "init.network -> init",
          "init.weights -> none",
          "init.weights_sha256 -> none",
          "init.seed -> init",
          "train.epochs -> train",
          "train.batch_size -> train",
          "train.learning_rate -> train",
          "train.beta1 -> train",
          "train.beta2 -> train",
          "train.epsilon -> train",
          "train.flip_probability -> train",
          "train.aux_loss_weight -> train",
          "train.seed -> train",
          "train.device -> none",
          "train.threads -> none",
          "train.optimizer -> train",
          "train.momentum -> train",
          "train.nesterov -> train",
          "train.weight_decay -> train",
          "train.schedule -> train",
          "train.poly_power -> train",
          "train.head_learning_rate_factor -> train",
          "train.void_pixels -> train",
          "train.class_weights -> train",
          "train.ohem_threshold -> train",
          "train.ohem_min_kept -> train",
          "train.ema_decay -> train",
          "train.early_stopping_patience -> train",
          "train.best_by -> train",
          "train.keep -> train",
          "train.keep_every -> train",
          "train.accumulate -> train",
          "train.replicas -> train",
          "train.checkpoint_every_steps -> none",
          "train.crop_height -> train",
          "train.crop_width -> train",
          "train.scale_min -> train",
          "train.scale_max -> train",
          "train.crop_max_class_share -> train",
          "train.photometric_distortion -> train",
          "train.input_threads -> none",
          "train.batches_ahead -> none",
          "train.deterministic -> train",
          "train.precision -> train",
          "evaluate.checkpoints -> none",
          "evaluate.batch_size -> evaluate",
          "evaluate.pictures -> evaluate",
          "evaluate.device -> none",
          "evaluate.threads -> none",
          "evaluate.measure -> evaluate",
          "evaluate.input -> evaluate",
          "evaluate.scales -> evaluate",
          "evaluate.flip -> evaluate",
          "evaluate.window -> evaluate",
          "evaluate.window_stride -> evaluate",
          "evaluate.boundary -> evaluate",
          "report.title -> report");

  @Test
  void stageKeys_whenOneParameterChanges_changeForItsOwnStageAlone() {
    List<String> table = new ArrayList<>();
    for (FieldDescriptor section : CONFIG.getDescriptorForType().getFields()) {
      for (FieldDescriptor field : section.getMessageType().getFields()) {
        PipelineConfig changed = withChanged(section, field);
        List<String> stages =
            STAGES.stream().filter(name -> !key(name, CONFIG).equals(key(name, changed))).toList();
        table.add(
            "%s.%s -> %s"
                .formatted(
                    section.getName(),
                    field.getName(),
                    stages.isEmpty() ? "none" : String.join(", ", stages)));
        assertThat(stages.isEmpty())
            .as(section.getName() + "." + field.getName() + " is execution_only")
            .isEqualTo(field.getOptions().getExtension(OptionsProto.rule).getExecutionOnly());
      }
    }
    assertThat(table).containsExactlyElementsOf(EXPECTED);
  }

  @ParameterizedTest
  @ValueSource(strings = {"ingest", "trainids", "shards", "init", "train", "evaluate", "report"})
  void stageKey_whenTheCodeVersionOrTheEnvironmentChanges_changes(String name) {
    Digest key = key(new FakeStage(name, 1, environment("engine", "1")), call(name));

    assertThat(key(new FakeStage(name, 2, environment("engine", "1")), call(name)))
        .isNotEqualTo(key);
    assertThat(key(new FakeStage(name, 1, environment("engine", "2")), call(name)))
        .isNotEqualTo(key);
    assertThat(key(new FakeStage(name, 1, environment("motor", "1")), call(name)))
        .isNotEqualTo(key);
    assertThat(key(new FakeStage(name, 1, List.of()), call(name))).isNotEqualTo(key);
  }

  @ParameterizedTest
  @ValueSource(strings = {"ingest", "trainids", "shards", "init", "train", "evaluate", "report"})
  void stageKey_whenAnInputChanges_changes(String name) {
    StageCall call = call(name);
    Digest key = key(name, call);

    for (int i = 0; i < call.getInputsCount(); i++) {
      int input = i;
      assertThat(key(name, changed(call, c -> c.setInputs(input, input(input, "other bytes")))))
          .as("digest of input %d", i)
          .isNotEqualTo(key);
      assertThat(
              key(
                  name,
                  changed(
                      call,
                      c -> c.setInputs(input, c.getInputs(input).toBuilder().setRole("other")))))
          .as("role of input %d", i)
          .isNotEqualTo(key);
      assertThat(key(name, changed(call, c -> c.removeInputs(input))))
          .as("without input %d", i)
          .isNotEqualTo(key);
    }
    assertThat(
            key(
                name,
                changed(
                    call, c -> c.setInputs(0, call.getInputs(1)).setInputs(1, call.getInputs(0)))))
        .as("inputs exchanged")
        .isNotEqualTo(key);
  }

  @ParameterizedTest
  @ValueSource(strings = {"ingest", "trainids", "shards", "init", "train", "evaluate", "report"})
  void stageKey_whenPlacesSubjectOrForceChange_stays(String name) {
    StageCall call = call(name);
    Digest key = key(name, call);

    assertThat(key(name, changed(call, c -> c.setSubject("baseline")))).isEqualTo(key);
    assertThat(key(name, changed(call, c -> c.addLocations("/elsewhere")))).isEqualTo(key);
    assertThat(key(name, changed(call, c -> c.setForce(true)))).isEqualTo(key);
  }

  @Test
  void stageKeys_ofStagesWithTheSameInputs_differ() {
    assertThat(STAGES.stream().map(name -> key(name, CONFIG)).distinct()).hasSameSizeAs(STAGES);
  }

  @Test
  void stageKey_ofAWholePiece_isTheCallsOwn() {
    StageCall call = changed(call("train"), c -> c.setSubject("fold 1"));
    Piece piece = StageKeys.whole(new FakeStage("train"), call);

    assertThat(piece.getKey()).isEqualTo(StageKeys.of(new FakeStage("train"), call));
    assertThat(piece.getName()).isEqualTo("fold 1");
    assertThat(piece.getWhole()).isEqualTo(call);
  }

  @Test
  void of_whateverTheOrderOfParametersAndEnvironment_isTheSame() {
    Parameter a = ActionKeys.parameter("a", "1");
    Parameter b = ActionKeys.parameter("b", "2");

    assertThat(ActionKeys.of("s", 1, List.of(a, b), List.of(), List.of(b, a)))
        .isEqualTo(ActionKeys.of("s", 1, List.of(b, a), List.of(), List.of(a, b)));
  }

  @Test
  void of_whenAParameterIsNotSet_namesIt() {
    PipelineConfig config =
        changed(CONFIG, c -> c.setTrain(c.getTrain().toBuilder().clearEpochs()));

    assertThatThrownBy(() -> key("train", config))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Parameter train.epochs has no value; a key needs every parameter that a stage reads");
    assertThat(key("evaluate", config)).isEqualTo(key("evaluate", CONFIG));
  }

  @Test
  void of_whenNumbersAreParameters_writesThemCanonically() {
    ActionKey key = StageKeys.of(new FakeStage("train"), call("train"));

    assertThat(key.getParametersList())
        .contains(
            ActionKeys.parameter("train.epochs", "1"),
            ActionKeys.parameter("train.learning_rate", "1.5"))
        .isSortedAccordingTo((one, two) -> one.getName().compareTo(two.getName()));
    assertThat(key.getSeed()).isEqualTo(1);
  }

  /** Or the results from before it came would be computed again. */
  @Test
  void stageKey_whenAParameterThatCameLaterHasItsDefault_isTheKeyFromBefore() {
    PipelineConfig config =
        changed(CONFIG, c -> c.setEvaluate(c.getEvaluate().toBuilder().setBoundary(false)));
    StageCall call = changed(call("evaluate"), c -> c.setConfig(config));

    assertThat(StageKeys.of(new FakeStage("evaluate"), call).getParametersList())
        .extracting(Parameter::getName)
        .contains("evaluate.flip")
        .doesNotContain("evaluate.boundary");
    assertThat(StageKeys.of(new FakeStage("evaluate"), call("evaluate")).getParametersList())
        .contains(ActionKeys.parameter("evaluate.boundary", "true"));
  }

  @Test
  void of_whenAParameterThatCameLaterIsNotSet_namesIt() {
    PipelineConfig config =
        changed(CONFIG, c -> c.setEvaluate(c.getEvaluate().toBuilder().clearBoundary()));

    assertThatThrownBy(() -> key("evaluate", config))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Parameter evaluate.boundary has no value");
  }

  /**
   * The digest was computed by hand: a few lines of Python that write the protobuf encoding of
   * these fields in ascending order, and hashlib. It must never change, or every store is empty.
   */
  @Test
  void digest_ofAFixedKey_isThatOfItsCanonicalBytes() {
    ActionKey key =
        ActionKeys.of(
                "shards.shard",
                3,
                List.of(
                    ActionKeys.parameter("shards.width", "192"),
                    ActionKeys.parameter("shards.height", "96")),
                List.of(
                    StageKeys.input(
                        "image",
                        ArtifactRef.newBuilder()
                            .setKind("png")
                            .setSha256("0".repeat(64))
                            .setSize(5)
                            .build())),
                environment("opencv", "4.9.0"))
            .toBuilder()
            .setSeed(7)
            .build();

    assertThat(ActionKeys.digest(key).hex())
        .isEqualTo("9564667a8e885b0f1c02a7d082eecab8ba64b8877c5077d8f1577f3bd3f2258a");
  }

  @Test
  void of_whenTheSectionHasASeed_setsItBesideTheParameters() {
    ShardsConfig section =
        ShardsConfig.newBuilder().setHeight(1).setWidth(2).setItemsPerShard(3).build();

    ActionKey key = ActionKeys.of("shards", 1, "shards", section, List.of(), List.of());

    assertThat(key.hasSeed()).isFalse();
    assertThat(key.getParametersList())
        .extracting(Parameter::getName)
        .containsExactly("shards.height", "shards.items_per_shard", "shards.width");
  }

  private static Digest key(String stage, PipelineConfig config) {
    return key(stage, call(stage).toBuilder().setConfig(config).build());
  }

  private static Digest key(String stage, StageCall call) {
    return key(new FakeStage(stage), call);
  }

  private static Digest key(Stage stage, StageCall call) {
    return ActionKeys.digest(StageKeys.of(stage, call));
  }

  private static StageCall call(String stage) {
    return StageCall.newBuilder()
        .setStage(stage)
        .setConfig(CONFIG)
        .addInputs(input(0, "some bytes"))
        .addInputs(input(1, "more bytes"))
        .build();
  }

  private static Input input(int number, String content) {
    return StageKeys.input(
        "role" + number,
        ArtifactRef.newBuilder()
            .setKind("text")
            .setSha256(Digest.of(ObjectStorageContract.bytes(content)).hex())
            .setSize(10)
            .build());
  }

  private static StageCall changed(StageCall call, UnaryOperator<StageCall.Builder> change) {
    return change.apply(call.toBuilder()).build();
  }

  private static PipelineConfig changed(
      PipelineConfig config, UnaryOperator<PipelineConfig.Builder> change) {
    return change.apply(config.toBuilder()).build();
  }

  private static List<Parameter> environment(String name, String value) {
    return List.of(ActionKeys.parameter(name, value));
  }

  private static PipelineConfig filled() {
    PipelineConfig.Builder config = PipelineConfig.newBuilder();
    for (FieldDescriptor section : PipelineConfig.getDescriptor().getFields()) {
      Message.Builder values = config.newBuilderForField(section);
      for (FieldDescriptor field : section.getMessageType().getFields()) {
        if (field.isRepeated()) {
          values.addRepeatedField(field, value(field, 1));
        } else {
          values.setField(field, value(field, 1));
        }
      }
      config.setField(section, values.build());
    }
    return config.build();
  }

  private static PipelineConfig withChanged(FieldDescriptor section, FieldDescriptor field) {
    Message.Builder values = ((Message) CONFIG.getField(section)).toBuilder();
    if (field.isRepeated()) {
      values.addRepeatedField(field, value(field, 2));
    } else {
      values.setField(field, value(field, 2));
    }
    return CONFIG.toBuilder().setField(section, values.build()).build();
  }

  private static Object value(FieldDescriptor field, int number) {
    return switch (field.getJavaType()) {
      case INT -> number;
      case LONG -> (long) number;
      case DOUBLE -> number + 0.5;
      case BOOLEAN -> number == 1;
      case STRING -> "text " + number;
      default -> throw new IllegalStateException("No value is known for " + field.getFullName());
    };
  }

  /** A stage that is only asked for its key. */
  private record FakeStage(String name, int codeVersion, List<Parameter> environment)
      implements Stage {
    FakeStage(String name) {
      this(name, 1, ActionKeysTest.environment("engine", "1"));
    }

    @Override
    public List<Piece> split(StageCall call, StageContext context) {
      throw new UnsupportedOperationException("only its key is asked for");
    }

    @Override
    public ArtifactRef run(Piece piece, StageContext context) {
      throw new UnsupportedOperationException("only its key is asked for");
    }

    @Override
    public ArtifactRef gather(StageCall call, List<ArtifactRef> results, StageContext context) {
      throw new UnsupportedOperationException("only its key is asked for");
    }
  }
}
