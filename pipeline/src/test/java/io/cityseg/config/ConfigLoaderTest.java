package io.cityseg.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.cityseg.proto.EvaluateConfig;
import io.cityseg.proto.PipelineConfig;
import io.cityseg.proto.TrainConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigLoaderTest {
  @TempDir Path folder;

  @Test
  void resolve_whenNothingIsGiven_isTheQuickstartPreset() throws Exception {
    PipelineConfig config = sets();

    assertThat(config.getData().getScenesTrain()).isEqualTo(48);
    assertThat(config.getData().getScenesVal()).isEqualTo(16);
    assertThat(config.getShards().getHeight()).isEqualTo(64);
    assertThat(config.getShards().getWidth()).isEqualTo(128);
    assertThat(config.getShards().getItemsPerShard()).isEqualTo(8);
    assertThat(config.getTrain().getEpochs()).isEqualTo(8);
    assertThat(config.getTrain().getBatchSize()).isEqualTo(4);
    assertThat(config.getTrain().getLearningRate()).isEqualTo(1e-3);
    assertThat(config.getEvaluate().getPictures()).isEqualTo(4);
    assertThat(config.getReport().getTitle()).isEqualTo("DeepLabV3 on Cityscapes");
  }

  @Test
  void resolve_whenParametersDoNotGoTogether_namesAll() {
    ConfigException e =
        catchThrowableOfType(
            ConfigException.class,
            () ->
                sets(
                    "train.class_weights=heavy",
                    "train.ohem_threshold=0.7",
                    "train.replicas=2",
                    "train.keep=last",
                    "evaluate.checkpoints=best",
                    "evaluate.boundary=true"));
    assertThat(e)
        .hasMessageContaining("Invalid train.class_weights: 'heavy'")
        .hasMessageContaining("Invalid train.ohem_threshold: 0.7")
        .hasMessageContaining("set train.keep to best or all")
        .hasMessageContaining(
            "Invalid evaluate.boundary: true with evaluate.measure paper, which has no boundary scores (set evaluate.measure to cityscapes or both)");
  }

  @Test
  void resolve_whenThePresetIsPaper_isTheReferenceRun() throws Exception {
    Path weights = Files.createFile(folder.resolve("deeplabv3_resnet50_coco-cd0a2569.pth"));

    PipelineConfig config = ConfigLoader.resolve("paper", Optional.empty(), List.of(), folder);

    assertThat(config.getShards().getHeight()).isEqualTo(768);
    assertThat(config.getShards().getWidth()).isEqualTo(1024);
    assertThat(config.getTrain().getBatchSize()).isEqualTo(24);
    assertThat(config.getTrain().getEpochs()).isEqualTo(20);
    assertThat(config.getTrain().getLearningRate()).isEqualTo(1e-4);
    assertThat(config.getTrain().getBeta1()).isEqualTo(0.9);
    assertThat(config.getTrain().getBeta2()).isEqualTo(0.999);
    assertThat(config.getTrain().getEpsilon()).isEqualTo(1e-8);
    assertThat(config.getTrain().getFlipProbability()).isEqualTo(0.5);
    assertThat(config.getTrain().getAuxLossWeight()).isZero();
    assertThat(config.getTrain().getReplicas()).isEqualTo(8);
    assertThat(config.getInit().getWeights()).isEqualTo(weights.toString());
  }

  @Test
  void resolve_whenThePresetIsRecipe_isMmsegmentationsConfiguration() throws Exception {
    Files.createFile(folder.resolve("deeplabv3_resnet50_coco-cd0a2569.pth"));

    PipelineConfig config = ConfigLoader.resolve("recipe", Optional.empty(), List.of(), folder);

    assertThat(config.getShards().getHeight()).isEqualTo(1024);
    assertThat(config.getShards().getWidth()).isEqualTo(2048);
    TrainConfig train = config.getTrain();
    assertThat(train.getEpochs() * 372).as("steps").isBetween(79_900, 80_000);
    assertThat(train.getBatchSize()).isEqualTo(8);
    assertThat(train.getOptimizer()).isEqualTo("sgd");
    assertThat(train.getMomentum()).isEqualTo(0.9);
    assertThat(train.getWeightDecay()).isEqualTo(5e-4);
    assertThat(train.getLearningRate()).isEqualTo(0.01);
    assertThat(train.getSchedule()).isEqualTo("poly");
    assertThat(train.getPolyPower()).isEqualTo(0.9);
    assertThat(train.getVoidPixels()).isEqualTo("ignore");
    assertThat(train.getAuxLossWeight()).isEqualTo(0.4);
    assertThat(config.getEvaluate().getMeasure()).isEqualTo("both");
    assertThat(config.getEvaluate().getInput()).isEqualTo("original");
    assertThat(List.of(train.getCropHeight(), train.getCropWidth())).containsExactly(512, 1024);
    assertThat(List.of(train.getScaleMin(), train.getScaleMax())).containsExactly(0.5, 2.0);
    assertThat(train.getCropMaxClassShare()).isEqualTo(0.75);
    assertThat(train.getPhotometricDistortion()).isTrue();
  }

  @Test
  void resolve_ofTheDefaults_augmentsNothingButTheFlip() throws Exception {
    TrainConfig train =
        ConfigLoader.resolve("quickstart", Optional.empty(), List.of(), folder).getTrain();

    assertThat(List.of(train.getCropHeight(), train.getCropWidth())).containsExactly(0, 0);
    assertThat(List.of(train.getScaleMin(), train.getScaleMax())).containsExactly(1.0, 1.0);
    assertThat(train.getCropMaxClassShare()).isEqualTo(1);
    assertThat(train.getPhotometricDistortion()).isFalse();
  }

  @Test
  void resolve_whenThePresetIsPaperAndTheWeightsAreMissing_tellsWhereTheyAre() {
    ConfigException e =
        catchThrowableOfType(
            ConfigException.class,
            () -> ConfigLoader.resolve("paper", Optional.empty(), List.of(), folder));

    assertThat(e)
        .hasMessageStartingWith(
            "Invalid init.weights: '%s' in preset paper, line 10 (there is no such file)."
                .formatted(folder.resolve("deeplabv3_resnet50_coco-cd0a2569.pth")))
        .hasMessageContaining("--set init.weights=https://")
        .hasMessageEndingWith("deeplabv3_resnet50_coco-cd0a2569.pth");
  }

  @Test
  void resolve_whenTheWeightsAreAnAddress_leavesItAsItIs() throws Exception {
    assertThat(sets("init.weights=http://localhost/w.pth").getInit().getWeights())
        .isEqualTo("http://localhost/w.pth");
    assertThat(problems("init.weights=s3://bucket/w.pth"))
        .singleElement()
        .asString()
        .contains("an address must begin with https:// or http://");
  }

  @Test
  void resolve_whenThePresetIsUnknown_listsThem() {
    assertThat(unknownPreset("coco"))
        .hasMessage("Unknown preset 'coco': the presets are quickstart, paper, recipe");
    assertThat(unknownPreset("quick-start"))
        .hasMessage(
            "Unknown preset 'quick-start': did you mean 'quickstart'? the presets are quickstart, paper, recipe");
  }

  @Test
  void resolve_whenLayersDiffer_setWinsOverFileOverPresetOverDefault() throws Exception {
    Path file = write("train:\n  epochs: 7\n  batch_size: 8\n");

    PipelineConfig config =
        ConfigLoader.resolve(
            "quickstart",
            Optional.of(file),
            List.of("train.epochs=8", "train.epochs=9", " train.seed =5"),
            folder);

    assertThat(config.getTrain().getEpochs()).isEqualTo(9);
    assertThat(config.getTrain().getBatchSize()).isEqualTo(8);
    assertThat(config.getTrain().getLearningRate()).isEqualTo(1e-3);
    assertThat(config.getTrain().getSeed()).isEqualTo(5);
    assertThat(config.getTrain().getBeta1()).isEqualTo(0.9);
  }

  @Test
  void resolve_whenPathsAreInAFile_areRelativeToItsFolder() throws Exception {
    Path project = Files.createDirectories(folder.resolve("project"));
    Files.createFile(project.resolve("w.safetensors"));
    Files.writeString(
        project.resolve("c.yaml"),
        "data:\n  paths: [one, ../two, s3://three]\ninit: {weights: w.safetensors}\n");

    PipelineConfig config =
        ConfigLoader.resolve(
            "quickstart", Optional.of(Path.of("project/c.yaml")), List.of(), folder);

    assertThat(config.getData().getPathsList())
        .containsExactly(
            project.resolve("one").toString(), folder.resolve("two").toString(), "s3://three");
    assertThat(config.getInit().getWeights())
        .isEqualTo(project.resolve("w.safetensors").toString());
  }

  @Test
  void resolve_whenPathsAreSet_areRelativeToTheCurrentFolder() throws Exception {
    assertThat(sets("data.paths=[a, 'b c']").getData().getPathsList())
        .containsExactly(folder.resolve("a").toString(), folder.resolve("b c").toString());
  }

  @Test
  void resolve_whenATextIsSet_takesItAsItIs() throws Exception {
    assertThat(sets("report.title=A: [B] = # 'c'").getReport().getTitle())
        .isEqualTo("A: [B] = # 'c'");
    assertThat(sets("init.weights=").getInit().getWeights()).isEmpty();
    assertThat(sets("report.title=null").getReport().getTitle()).isEqualTo("null");
  }

  @ParameterizedTest
  @CsvSource({
    "1e-4, 0.0001",
    "0.5, 0.5",
    ".5, 0.5",
    "1, 1.0",
    "+2, 2.0",
    "-0.0, 0.0",
    "1E-3, 0.001"
  })
  void resolve_whenANumberIsWrittenInAnyUsualWay_readsIt(String text, double value)
      throws Exception {
    assertThat(sets("train.learning_rate=" + text).getTrain().getLearningRate())
        .isEqualTo(value)
        .extracting(Double::doubleToRawLongBits)
        .isEqualTo(Double.doubleToRawLongBits(value));
  }

  @Test
  void resolve_whenAListOfNumbersIsSet_readsIt() throws Exception {
    EvaluateConfig evaluate =
        ConfigLoader.resolve(
                "quickstart",
                Optional.empty(),
                List.of("evaluate.scales=[0.75, 1, 1.25]", "evaluate.window=0512x1024"),
                folder)
            .getEvaluate();
    assertThat(evaluate.getScalesList()).containsExactly(0.75, 1.0, 1.25);
    assertThat(evaluate.getWindow()).isEqualTo("512x1024");
  }

  @Test
  void resolve_whenTheStrideIsLargerThanTheWindow_saysSo() {
    assertThatThrownBy(
            () ->
                ConfigLoader.resolve(
                    "quickstart",
                    Optional.empty(),
                    List.of("evaluate.window=64x64", "evaluate.window_stride=32x65"),
                    folder))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("must be at most evaluate.window, 64x64");
  }

  @Test
  void resolve_whenAWholeNumberIsLarge_readsIt() throws Exception {
    assertThat(sets("train.seed=" + Long.MAX_VALUE).getTrain().getSeed()).isEqualTo(Long.MAX_VALUE);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "train.epoch=3 | Unknown key 'train.epoch' in --set train.epoch=3: did you mean 'train.epochs'?",
        "train.Epochs=3 | Unknown key 'train.Epochs' in --set train.Epochs=3: did you mean 'train.epochs'?",
        "train.height=3 | Unknown key 'train.height' in --set train.height=3: did you mean 'shards.height'?",
        "trian.epochs=3 | Unknown key 'trian.epochs' in --set trian.epochs=3: did you mean 'train.epochs'?",
        "epochs=3 | Unknown section 'epochs' in --set epochs=3: did you mean 'train.epochs'?",
        "trian=3 | Unknown section 'trian' in --set trian=3: did you mean 'train'?",
        "qqqqqqqq=3 | Unknown section 'qqqqqqqq' in --set qqqqqqqq=3: the sections are data, ingest, shards, init, train, evaluate, report",
        "shards.qqqqqqqqqqq=3 | Unknown key 'shards.qqqqqqqqqqq' in --set shards.qqqqqqqqqqq=3: section 'shards' has height, width, items_per_shard",
        "train.epochs | Invalid --set train.epochs: it must be section.parameter=value, as in --set train.epochs=3",
        "=3 | Invalid --set =3: it must be section.parameter=value, as in --set train.epochs=3",
        "train.epochs=0 | Invalid train.epochs: '0' in --set train.epochs=0 (must be a whole number from 1 to 10000 (epochs))",
        "train.epochs=10001 | Invalid train.epochs: '10001' in --set train.epochs=10001 (must be a whole number from 1 to 10000 (epochs))",
        "train.epochs=3.0 | Invalid train.epochs: '3.0' in --set train.epochs=3.0 (must be a whole number from 1 to 10000 (epochs))",
        "train.epochs=010 | Invalid train.epochs: '010' in --set train.epochs=010 (must be a whole number from 1 to 10000 (epochs))",
        "train.epochs=\"3\"x | Cannot read --set train.epochs=\"3\"x, line 1, column 4: expected '<document start>', but found '<scalar>'",
        "train.epochs=99999999999999999999 | Invalid train.epochs: '99999999999999999999' in --set train.epochs=99999999999999999999 (must be a whole number from 1 to 10000 (epochs))",
        "train.epochs= | Invalid train.epochs: no value in --set train.epochs= (must be a whole number from 1 to 10000 (epochs))",
        "train.epochs=[3] | Invalid train.epochs: a list in --set train.epochs=[3] (must be a whole number from 1 to 10000 (epochs))",
        "train.epochs=!!java.lang.Integer 3 | Cannot read --set train.epochs=!!java.lang.Integer 3, line 1, column 1: Global tag is not allowed: tag:yaml.org,2002:java.lang.Integer",
        "train.epochs=!days 3 | Invalid train.epochs: a value with the tag !days in --set train.epochs=!days 3 (must be a whole number from 1 to 10000 (epochs))",
        "train.seed=-1 | Invalid train.seed: '-1' in --set train.seed=-1 (must be a whole number of at least 0)",
        "train.seed=9223372036854775808 | Invalid train.seed: '9223372036854775808' in --set train.seed=9223372036854775808 (must be a whole number of at least 0)",
        "train.learning_rate=fast | Invalid train.learning_rate: 'fast' in --set train.learning_rate=fast (must be a number from 0 to 10)",
        "train.learning_rate=.nan | Invalid train.learning_rate: '.nan' in --set train.learning_rate=.nan (must be a number from 0 to 10)",
        "train.learning_rate=1e999 | Invalid train.learning_rate: '1e999' in --set train.learning_rate=1e999 (must be a number from 0 to 10)",
        "train.epsilon=0 | Invalid train.epsilon: '0' in --set train.epsilon=0 (must be a number from 1e-20 to 1)",
        "train.device=gpus | Invalid train.device: 'gpus' in --set train.device=gpus (must be one of cpu, gpu; did you mean 'gpu'?)",
        "train.device=quantum | Invalid train.device: 'quantum' in --set train.device=quantum (must be one of cpu, gpu)",
        "evaluate.scales=[] | Invalid evaluate.scales: a list in --set evaluate.scales=[] (must be a list of one or more numbers from 0.1 to 4, as in [1, 2])",
        "evaluate.scales=[1, 9] | Invalid evaluate.scales: a list in --set evaluate.scales=[1, 9] (must be a list of one or more numbers from 0.1 to 4, as in [1, 2])",
        "evaluate.scales=1 | Invalid evaluate.scales: '1' in --set evaluate.scales=1 (must be a list of one or more numbers from 0.1 to 4, as in [1, 2])",
        "evaluate.flip=yes | Invalid evaluate.flip: 'yes' in --set evaluate.flip=yes (must be true or false)",
        "evaluate.window=512 | Invalid evaluate.window: '512' in --set evaluate.window=512 (must be HEIGHTxWIDTH (pixels), as in 512x1024, or empty)",
        "evaluate.window=0x8 | Invalid evaluate.window: '0x8' in --set evaluate.window=0x8 (must be HEIGHTxWIDTH (pixels), as in 512x1024, or empty)",
        "evaluate.window_stride=8x8 | Invalid evaluate.window_stride: '8x8' in --set evaluate.window_stride=8x8 (must be empty without evaluate.window)",
        "data.paths=/data | Invalid data.paths: '/data' in --set data.paths=/data (must be a list, as in [first, second])",
      })
  void resolve_whenASetIsWrong_saysWhatAndWhereAndWhatIsRight(String set, String problem) {
    assertThat(problems(set)).containsExactly(problem);
  }

  @Test
  void resolve_whenAFileIsWrong_namesItAndTheLine() throws Exception {
    Path file =
        write(
            """
            # a comment
            train:
              epoch: 3
              epochs: many
              batch_size: 1
              seed:
              learning_rate: {a: 1}
              beta1: "0.5"
            shard:
              height: 3
            evaluate: 5
            report:
            init:
              seed: 1
              seed: 2
            [a, b]: 3
            """);

    assertThat(problems(file))
        .containsExactlyInAnyOrder(
            "Unknown key 'train.epoch' in %s, line 3: did you mean 'train.epochs'?".formatted(file),
            "Invalid train.epochs: 'many' in %s, line 4 (must be a whole number from 1 to 10000 (epochs))"
                .formatted(file),
            "Invalid train.batch_size: '1' in %s, line 5 (must be a whole number from 2 to 4096 (images))"
                .formatted(file),
            "Invalid train.seed: no value in %s, line 6 (must be a whole number of at least 0)"
                .formatted(file),
            "Invalid train.learning_rate: a section in %s, line 7 (must be a number from 0 to 10)"
                .formatted(file),
            "Invalid train.beta1: '0.5' in %s, line 8 (must be a number from 0 to 0.999999, without quotes)"
                .formatted(file),
            "Unknown section 'shard' in %s, line 9: did you mean 'shards'?".formatted(file),
            "Invalid section 'evaluate' in %s, line 11: it must hold parameters, one a line and indented"
                .formatted(file),
            "Duplicate key 'init.seed' in %s, line 15: it is there in %s, line 14"
                .formatted(file, file),
            "Invalid key in %s, line 16: it must be a name".formatted(file));
  }

  @Test
  void resolve_whenSeveralThingsAreWrong_saysAllAtOnce() throws Exception {
    Path file = write("train: {epochs: 0}\n");

    ConfigException e =
        catchThrowableOfType(
            ConfigException.class,
            () ->
                ConfigLoader.resolve(
                    "quickstart", Optional.of(file), List.of("train.sead=1"), folder));

    assertThat(e.problems()).hasSize(2);
    assertThat(e)
        .hasMessage(
            "2 problems in the configuration:%n  - %s%n  - %s"
                .formatted(e.problems().get(0), e.problems().get(1)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "# nothing\n", "---\n", "train:\n", "train: {}\n"})
  void resolve_whenTheFileSaysNothing_isThePreset(String text) throws Exception {
    assertThat(ConfigLoader.resolve("quickstart", Optional.of(write(text)), List.of(), folder))
        .isEqualTo(sets());
  }

  @Test
  void resolve_whenTheFileIsNoConfiguration_saysSo() throws Exception {
    Path file = write("- a\n- b\n");

    assertThat(problems(file))
        .containsExactly(
            "Cannot read %s: it must consist of sections ('train:') that hold parameters ('epochs: 3')"
                .formatted(file));
    assertThat(problems(write("train: [\n")))
        .singleElement()
        .asString()
        .startsWith("Cannot read %s, line 2, column 1: ".formatted(file));
    assertThat(problems(write("a: 1\n---\nb: 2\n")))
        .singleElement()
        .asString()
        .contains("expected a single document");
  }

  @Test
  void resolve_whenTheFileIsHostile_refusesIt() throws Exception {
    assertThat(problems(write("[".repeat(100))))
        .singleElement()
        .asString()
        .contains("Nesting Depth exceeded");
    assertThat(problems(write("a: &a [x]\nb: [" + "*a, ".repeat(100) + "*a]\n")))
        .singleElement()
        .asString()
        .contains("aliases");
    assertThat(problems(write("#".repeat(YamlDocument.MAX_BYTES + 1))))
        .singleElement()
        .asString()
        .contains("it has 1048577 bytes, and a configuration has at most 1048576");
  }

  @Test
  void resolve_whenTheFileCannotBeRead_saysWhy() throws Exception {
    Path missing = folder.resolve("missing.yaml");
    Path latin = Files.write(folder.resolve("latin.yaml"), new byte[] {'#', (byte) 0xe4, '\n'});

    assertThat(problems(missing))
        .containsExactly(
            "Cannot read %s: there is no such file; 'cityseg init' writes one".formatted(missing));
    assertThat(problems(folder))
        .containsExactly("Cannot read %s: it is a folder, not a YAML file".formatted(folder));
    assertThat(problems(latin))
        .containsExactly("Cannot read %s: it is not UTF-8 text".formatted(latin));
  }

  private PipelineConfig sets(String... sets) throws ConfigException {
    return ConfigLoader.resolve("quickstart", Optional.empty(), List.of(sets), folder);
  }

  private List<String> problems(String set) {
    return catchThrowableOfType(ConfigException.class, () -> sets(set)).problems();
  }

  private List<String> problems(Path file) {
    return catchThrowableOfType(
            ConfigException.class,
            () -> ConfigLoader.resolve("quickstart", Optional.of(file), List.of(), folder))
        .problems();
  }

  private static ConfigException unknownPreset(String name) {
    return catchThrowableOfType(
        ConfigException.class, () -> ConfigLoader.resolve(name, Optional.empty(), List.of()));
  }

  private Path write(String text) throws Exception {
    return Files.writeString(folder.resolve("cityseg.yaml"), text);
  }
}
