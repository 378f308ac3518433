package io.cityseg.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.cityseg.journal.Journal;
import io.cityseg.proto.RunRecord;
import io.cityseg.store.ObjectStorages;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is wrong before anything runs: exit code 2, and one message that names the thing. */
class ExitCodeTest {
  @TempDir Path folder;

  private Cli.Result run(String... arguments) {
    return new Cli(folder, List.of()).exactly(arguments);
  }

  @Test
  void cityseg_whenCommandIsUnknown_namesTheNearestAndAll() {
    Cli.Result result = run("rnu");

    assertThat(result.code()).isEqualTo(ExitCode.USAGE);
    assertThat(result.err())
        .contains("Unknown command 'rnu': did you mean 'run'? the commands are run, plan,")
        .contains("Try 'cityseg --help'");
    assertThat(run("export", "weights").err())
        .contains("Unknown command 'weights': the commands are checkpoint, metrics,")
        .contains("Try 'cityseg export --help'");
  }

  @Test
  void version_whenAskedOfASubcommand_isTheProgrammes() {
    Cli.Result result = run("export", "shards", "--version");

    assertThat(result.code()).isEqualTo(ExitCode.DONE);
    assertThat(result.out()).startsWith("cityseg ").isEqualTo(run("--version").out());
  }

  @Test
  void help_ofPreset_namesEveryPreset() {
    String message = run("plan", "--preset", "nope").err();
    String names = message.substring(message.indexOf("presets are ") + "presets are ".length());

    for (String name : names.strip().split(", ", -1)) {
      assertThat(run("run", "--help").out()).contains(name);
      assertThat(run("init", "--help").out()).contains(name);
    }
  }

  @Test
  void run_whenKeyIsUnknown_namesTheNearest() {
    Cli.Result result = run("run", "--set", "train.epoch=3");

    assertThat(result.code()).isEqualTo(ExitCode.USAGE);
    assertThat(result.err()).contains("train.epoch").contains("did you mean 'train.epochs'");
  }

  @Test
  void run_whenValueIsOutOfRange_namesFieldAndRange() {
    Cli.Result result = run("run", "--set", "train.batch_size=1", "--set", "shards.height=0");

    assertThat(result.code()).isEqualTo(ExitCode.USAGE);
    assertThat(result.err()).contains("train.batch_size").contains("shards.height").contains("16");
  }

  @Test
  void run_whenParametersDoNotFitTogether_namesAllOfThem() {
    Cli.Result result =
        run(
            "run",
            "--set=train.crop_height=64",
            "--set=train.optimizer=sgd",
            "--set=train.momentum=0",
            "--set=train.nesterov=true");

    assertThat(result.code()).isEqualTo(ExitCode.USAGE);
    assertThat(result.err())
        .contains("2 problems", "Invalid augmentation: train.crop_", "Invalid train.nesterov");
  }

  @Test
  void run_whenConfigurationFileHasUnknownKey_namesFileAndLine() throws Exception {
    Path file = folder.resolve("my.yaml");
    Files.writeString(file, "train:\n  learning_rat: 0.1\n");

    Cli.Result result = run("run", "-c", file.toString());

    assertThat(result.code()).isEqualTo(ExitCode.USAGE);
    assertThat(result.err()).contains("my.yaml").contains("line 2").contains("train.learning_rate");
  }

  @Test
  void run_whenDataFolderIsMissing_namesIt() {
    Path missing = folder.resolve("no-such-data");

    Cli.Result result = run("run", "--data", missing.toString());

    assertThat(result.code()).isEqualTo(ExitCode.USAGE);
    assertThat(result.err()).contains(missing.toString());
  }

  @Test
  void run_whenSeveralDataFoldersAreWrong_namesAll() throws Exception {
    Path missing = folder.resolve("no-such-data");
    Path empty = Files.createDirectory(folder.resolve("no-data-set"));

    Cli.Result result = run("run", "--data", missing.toString(), "--data", empty.toString());

    assertThat(result.code()).isEqualTo(ExitCode.USAGE);
    assertThat(result.err())
        .contains(missing + " does not exist")
        .contains(empty + " is no data set");
  }

  @Test
  void run_whenStoreIsAFile_namesIt() throws Exception {
    Path file = Files.writeString(folder.resolve("store"), "not a folder");

    Cli.Result result = run("run", "--store", file.toString());

    assertThat(result.code()).isEqualTo(ExitCode.USAGE);
    assertThat(result.err()).contains(file.toString());
  }

  @Test
  void run_whenStoreHasAnUnknownScheme_saysWhatCanBeUsed() {
    Cli.Result result = run("run", "--store", "gs://bucket/prefix");

    assertThat(result.code()).isEqualTo(ExitCode.USAGE);
    assertThat(result.err())
        .contains("gs://bucket/prefix")
        .contains("a store is a directory, or s3://bucket/prefix");
  }

  @Test
  void run_whenPresetIsUnknown_listsTheKnownOnes() {
    Cli.Result result = run("run", "--preset", "recipes");

    assertThat(result.code()).isEqualTo(ExitCode.USAGE);
    assertThat(result.err()).contains("recipes").contains("quickstart, paper, recipe");
  }

  @Test
  void run_whenParametersDoNotFitTogether_namesThem() {
    Cli.Result result = run("run", "--set", "train.scale_max=2");

    assertThat(result.code()).isEqualTo(ExitCode.USAGE);
    assertThat(result.err())
        .contains("train.scale_min 1.0 and train.scale_max 2.0 without a crop")
        .contains("set train.crop_height and train.crop_width");
  }

  @Test
  void export_whenThereIsNothing_saysWhat() throws Exception {
    Cli.Result none = run("export", "metrics", "latest", folder.resolve("out").toString());
    assertThat(none.code()).isEqualTo(ExitCode.USAGE);
    assertThat(none.err()).contains("There is no store at");

    Cli.Result nothing = run("export");
    assertThat(nothing.code()).isEqualTo(ExitCode.USAGE);
    assertThat(nothing.err())
        .contains("export needs one of: checkpoint, metrics, shards, submission");
  }

  @Test
  void run_whenPaperHasNoWeights_saysHowToMakeThem() {
    Cli.Result result = run("run", "--preset", "paper", "--data", folder.toString());

    assertThat(result.code()).isEqualTo(ExitCode.USAGE);
    assertThat(result.err()).contains("init.weights").contains("safetensors");
  }

  @Test
  void run_whenStageIsUnknown_listsTheStages() {
    Cli.Result result = run("run", "--only", "training");

    assertThat(result.code()).isEqualTo(ExitCode.USAGE);
    assertThat(result.err()).contains("training").contains("ingest, trainids, shards");
  }

  @Test
  void run_whenFromComesAfterTo_saysTheOrder() {
    Cli.Result result = run("run", "--from", "train", "--to", "shards");

    assertThat(result.code()).isEqualTo(ExitCode.USAGE);
    assertThat(result.err()).contains("--from train comes after --to shards");
  }

  @Test
  void run_whenOptionIsUnknown_printsUsage() {
    Cli.Result result = run("run", "--bogus");

    assertThat(result.code()).isEqualTo(ExitCode.USAGE);
    assertThat(result.err()).contains("--bogus");
  }

  @Test
  void evaluate_whenCheckpointIsMissing_namesIt() {
    Cli.Result result = run("evaluate", "nowhere.safetensors");

    assertThat(result.code()).isEqualTo(ExitCode.USAGE);
    assertThat(result.err()).contains("nowhere.safetensors");
  }

  @Test
  void evaluate_whenCheckpointIsNoCheckpoint_namesItAndWhatIsWrong() throws Exception {
    Path file = Files.writeString(folder.resolve("bad.safetensors"), "not tensors at all");

    Cli.Result result = run("evaluate", file.toString());

    assertThat(result.code()).isEqualTo(ExitCode.USAGE);
    assertThat(result.err()).contains("bad.safetensors");
  }

  @Test
  void exportCheckpoint_whenItIsNoCheckpoint_saysWhatEvaluateSaysAndWritesNothing()
      throws Exception {
    Path file = Files.writeString(folder.resolve("bad.pth"), "<html>not found</html>");
    Path out = folder.resolve("out.pth");

    Cli.Result exported = run("export", "checkpoint", file.toString(), out.toString());
    Cli.Result evaluated = run("evaluate", file.toString());

    assertThat(exported.code()).isEqualTo(ExitCode.USAGE).isEqualTo(evaluated.code());
    assertThat(exported.err())
        .isEqualTo(evaluated.err())
        .contains(
            "bad.pth: it is neither a safetensors file nor one of torch.save (.pth); get the file"
                + " anew");
    assertThat(out).doesNotExist();
  }

  @Test
  void show_whenThereIsNoStore_saysSoAndMakesNone() {
    Path missing = folder.resolve("no-such-store");

    Cli.Result result = run("show", "latest", "--store", missing.toString());

    assertThat(result.code()).isEqualTo(ExitCode.USAGE);
    assertThat(result.err()).contains("There is no store at " + missing);
    assertThat(missing).doesNotExist();
  }

  @Test
  void show_whenThereIsNoRun_saysSo() throws Exception {
    Path empty = Files.createDirectory(folder.resolve("empty"));

    Cli.Result result = run("show", "latest", "--store", empty.toString());

    assertThat(result.code()).isEqualTo(ExitCode.USAGE);
    assertThat(result.err()).contains("There is no run in " + empty);
  }

  @Test
  void show_whenTheIdIsAmbiguousOrUnknown_saysWhatThereIs() throws Exception {
    Path store = Files.createDirectory(folder.resolve("store"));
    for (String id : List.of("20260101-1", "20260102-2", "20260103-3")) {
      new Journal(ObjectStorages.open(store.toString()), id)
          .write(RunRecord.newBuilder().setId(id).setFinishedAtMillis(1).build());
    }

    assertThat(run("show", "2026", "--store", store.toString()).err())
        .contains("Run 2026: there are 3", "from 20260101-1 to 20260103-3; give more of the id");
    assertThat(run("show", "x", "--store", store.toString()).err())
        .contains("Run x: there is none");
    assertThat(run("show", "", "--store", store.toString()).err()).contains("RUN is empty");
    assertThat(run("show", "", "--store", store.toString()).code()).isEqualTo(ExitCode.USAGE);
  }

  @Test
  void run_whenStoreOrDataIsEmptyText_isRefused() {
    assertThat(run("run", "--store", "").err()).contains("--store is empty");
    assertThat(run("run", "--data", "").err()).contains("--data is empty");
    assertThat(run("run", "--store", "").code()).isEqualTo(ExitCode.USAGE);
  }

  @Test
  void run_whenParallelismIsZero_saysTheBound() {
    Cli.Result result = run("run", "--parallelism", "0");

    assertThat(result.code()).isEqualTo(ExitCode.USAGE);
    assertThat(result.err()).contains("--parallelism is 0 (must be at least 1)");
  }

  @Test
  void init_whenFileIsThere_refuses() {
    Path file = folder.resolve("cityseg.yaml");

    assertThat(run("init", file.toString()).code()).isZero();
    assertThat(file).content().contains("epochs:").contains("# ");
    Cli.Result again = run("init", file.toString());
    assertThat(again.code()).isEqualTo(ExitCode.USAGE);
    assertThat(again.err()).contains("exists already");
  }

  @Test
  void scenes_whenSizeIsNoSize_saysTheForm() {
    Cli.Result result = run("scenes", folder.resolve("s").toString(), "--size", "big");

    assertThat(result.code()).isEqualTo(ExitCode.USAGE);
    assertThat(result.err()).contains("HEIGHTxWIDTH");
  }

  @Test
  void version_whenAsked_isPrinted() {
    assertThat(run("--version").out()).startsWith("cityseg ");
  }
}
