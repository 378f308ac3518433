package io.cityseg.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.cityseg.image.ImageCodec;
import io.cityseg.image.RgbImage;
import io.cityseg.model.TorchEngine;
import io.cityseg.proto.RunMetrics;
import io.cityseg.proto.StageOutcome;
import io.cityseg.proto.StageStatus;
import io.cityseg.shards.ShardReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The whole pipeline on a few tiny scenes, through the command line: what runs, what does not, and
 * why. One full run is made before all tests; each test works on a copy of its store where it would
 * change it.
 */
class PipelineIT {
  @TempDir static Path folder;

  private static TinyDataSet data;
  private static Cli.Result first;

  @BeforeAll
  static void runOnce() throws Exception {
    data = TinyDataSet.draw(folder.resolve("scenes"));
    first = cli(data, folder.resolve("store")).run("run", "--json");
  }

  private static Cli cli(TinyDataSet data, Path store) {
    return new Cli(
        folder,
        Stream.concat(
                TinyDataSet.SETTINGS.stream(),
                Stream.of("--data", data.root().toString(), "--store", store.toString()))
            .toList());
  }

  @Test
  void run_whenStoreIsEmpty_runsEveryStage() {
    assertThat(first.code()).as(first.err()).isZero();
    assertThat(first.ran().keySet())
        .containsExactly(
            "ingest",
            "trainids",
            "shards",
            "init",
            "baseline",
            "train",
            "evaluate epoch 1",
            "report");
    assertThat(first.ran())
        .containsEntry("ingest", "6/6")
        .containsEntry("trainids", "6/6")
        .containsEntry("shards", "3/3")
        .containsEntry("baseline", "1/1");
    assertThat(first.run().getMetricsList())
        .extracting("subject")
        .containsExactly("baseline", "epoch 1");
  }

  @Test
  void export_ofARun_writesItsMetricsAndShards() throws Exception {
    Cli cli = new Cli(folder, List.of());
    Path metrics = folder.resolve("metrics");
    String id = first.run().getId();

    Cli.Result exported =
        cli.exactly(
            "export",
            "metrics",
            id,
            metrics.toString(),
            "--format",
            "tensorboard,csv,json,protobuf",
            "--store",
            folder.resolve("store").toString());
    assertThat(exported.code()).as(exported.err()).isZero();
    assertThat(exported.out().lines()).hasSize(5);
    RunMetrics written =
        RunMetrics.parseFrom(Files.readAllBytes(metrics.resolve(id + "/metrics.pb")));
    assertThat(written.getEpochsCount()).isEqualTo(1);
    assertThat(written.getEpochs(0).getHistory().getSteps()).isEqualTo(2);
    assertThat(written.getEpochs(0).getPace().getImages()).isEqualTo(4);
    assertThat(written.getEpochs(0).getFinishedAtMillis())
        .isBetween(first.run().getStartedAtMillis(), first.run().getFinishedAtMillis());
    assertThat(written.getEvaluationsCount()).isEqualTo(2);
    assertThat(Files.readAllLines(metrics.resolve(id + "/history.csv"))).hasSize(2);

    Path shards = folder.resolve("exported-shards");
    Cli.Result copied =
        cli.exactly(
            "export",
            "shards",
            id,
            shards.toString(),
            "--store",
            folder.resolve("store").toString());
    assertThat(copied.code()).as(copied.err()).isZero();
    try (ShardReader reader =
        ShardReader.open(shards.resolve("train/train-00001-of-00002.tfrecord"))) {
      assertThat(reader.next()).isPresent();
    }
    assertThat(shards.resolve("README.md")).isRegularFile();
    assertThat(
            cli.exactly(
                    "export",
                    "shards",
                    first.outputs().get("shards"),
                    shards.toString(),
                    "--store",
                    folder.resolve("store").toString())
                .err())
        .contains("exported-shards is not empty; name a new folder");
  }

  @Test
  void run_whenRepeated_runsNothing() {
    Cli.Result again = cli(data, folder.resolve("store")).run("run", "--json");

    assertThat(again.code()).isZero();
    assertThat(again.ran()).isEmpty();
    assertThat(again.outputs()).isEqualTo(first.outputs());
  }

  @Test
  void run_whenDataIsElsewhere_runsNothing() throws Exception {
    TinyDataSet moved = data.copy(folder.resolve("moved"));

    Cli.Result again =
        cli(moved, folder.resolve("store")).run("run", "--json", "--parallelism", "3");

    assertThat(again.ran()).isEmpty();
    assertThat(again.outputs()).isEqualTo(first.outputs());
  }

  @Test
  void run_whenRunnerIsFlink_runsNothingAndOnAnEmptyStoreMakesTheSameDigests() {
    Cli.Result again = cli(data, folder.resolve("store")).run("run", "--json", "--runner", "flink");
    assertThat(again.ran()).isEmpty();

    Cli.Result flink =
        cli(data, folder.resolve("flink"))
            .run("run", "--json", "--runner", "flink", "--parallelism", "3");

    assertThat(flink.code()).as(flink.err()).isZero();
    assertThat(flink.ran().keySet()).isEqualTo(first.ran().keySet());
    assertThat(flink.outputs()).isEqualTo(first.outputs());
  }

  @Test
  void run_whenEvaluationParameterChanges_runsEvaluationAndReportAlone() {
    Cli.Result changed =
        cli(data, folder.resolve("store")).run("run", "--json", "--set", "evaluate.pictures=0");

    assertThat(changed.ran().keySet()).containsExactly("baseline", "evaluate epoch 1", "report");
    assertThat(reason(changed, "baseline")).isEqualTo("evaluate.pictures 1 -> 0");
  }

  @Test
  void evaluate_whenCheckpointIsNew_runsItsEvaluationAndTheReportAlone() throws Exception {
    Path store = copyOfStore("evaluate");
    // the first epoch of a training with another learning rate is a checkpoint that this pipeline
    // has not seen
    Cli.Result other =
        cli(data, folder.resolve("other"))
            .run("run", "--json", "--to", "train", "--set", "train.learning_rate=0.002");
    assertThat(other.code()).as(other.err()).isZero();
    Path weights = folder.resolve("new.safetensors");
    Files.copy(StoreProbe.checkpoint(folder.resolve("other"), other), weights);

    Cli.Result evaluated = cli(data, store).run("evaluate", "--json", weights.toString());

    assertThat(evaluated.code()).as(evaluated.err()).isZero();
    assertThat(evaluated.ran().keySet()).containsExactly("evaluate new.safetensors", "report");
    assertThat(evaluated.run().getMetricsList())
        .extracting("subject")
        .containsExactly("baseline", "epoch 1", "new.safetensors");
    Cli.Result again = cli(data, store).run("evaluate", "--json", weights.toString());
    assertThat(again.ran()).isEmpty();
  }

  @Test
  void evaluate_whenTwoNamesAreOneCheckpoint_evaluatesItUnderBoth() throws Exception {
    Cli.Result evaluated =
        cli(data, copyOfStore("twice"))
            .run(
                "evaluate",
                "--json",
                "--set",
                "evaluate.pictures=2",
                "latest:train/epoch-1",
                first.run().getId() + ":train/epoch-1");

    assertThat(evaluated.code()).as(evaluated.err()).isZero();
    assertThat(evaluated.run().getMetricsList())
        .extracting("subject")
        .containsExactly(
            "baseline", "epoch 1", "latest:train/epoch-1", first.run().getId() + ":train/epoch-1");
  }

  @Test
  void run_whenAStageFailsOnFlink_saysItOnceWithoutStackTrace() throws Exception {
    assumeThat(TorchEngine.hasGpu()).as("a GPU, which would not fail").isFalse();
    Cli.Result failed =
        cli(data, copyOfStore("flink-failure"))
            .run("run", "--runner", "flink", "--set", "train.seed=3", "--set", "train.device=gpu");

    assertThat(failed.code()).isEqualTo(ExitCode.FAILED);
    assertThat(failed.err())
        .contains("train: train.device is gpu, but the engine sees no GPU")
        .doesNotContain("unexpected")
        .doesNotContain("\tat ");
  }

  @Test
  void run_whenOneImageChanges_runsThatItemItsShardAndWhatFollows() throws Exception {
    Path store = copyOfStore("image");
    TinyDataSet changed = data.copy(folder.resolve("changed-image"));
    Path image = changed.file("train", "_leftImg8bit.png");
    RgbImage picture = ImageCodec.decodeRgb(Files.readAllBytes(image), image.toString());
    picture.pixels()[0] ^= 64;
    Files.write(image, ImageCodec.encodePng(picture));

    Cli.Result run = cli(changed, store).run("run", "--json");

    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.ran())
        .containsEntry("ingest", "1/6")
        .containsEntry("shards", "1/3")
        .doesNotContainKeys("trainids", "init", "baseline");
    assertThat(run.ran().keySet())
        .containsExactly("ingest", "shards", "train", "evaluate epoch 1", "report");
  }

  @Test
  void run_whenLabelFileChangesAndTrainIdsDoNot_runsNothingAfterTrainids() throws Exception {
    Path store = copyOfStore("label");
    TinyDataSet changed = data.copy(folder.resolve("changed-label"));
    Path polygons = changed.file("train", "_polygons.json");
    Files.writeString(polygons, Files.readString(polygons) + "\n");

    Cli.Result run = cli(changed, store).run("run", "--json");

    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.ran()).isEqualTo(Map.of("ingest", "1/6", "trainids", "1/6"));
  }

  @Test
  void run_whenStageFails_keepsEarlierStagesAndNextRunStartsThere() throws Exception {
    assumeThat(TorchEngine.hasGpu()).as("a GPU, which would not fail").isFalse();
    Path store = folder.resolve("failing");
    Cli.Result failed = cli(data, store).run("run", "--json", "--set", "train.device=gpu");
    assertThat(failed.code()).isEqualTo(ExitCode.FAILED);
    assertThat(failed.err()).contains("train: train.device is gpu, but the engine sees no GPU");
    assertThat(status(failed, "train")).isEqualTo(StageStatus.FAILED);
    assertThat(status(failed, "report")).isEqualTo(StageStatus.NOT_REACHED);
    assertThat(failed.ran().keySet()).contains("ingest", "trainids", "shards", "init");

    Cli.Result next = cli(data, store).run("run", "--json");

    assertThat(next.code()).as(next.err()).isZero();
    assertThat(next.ran().keySet())
        .doesNotContain("ingest", "trainids", "shards", "init")
        .contains("train", "evaluate epoch 1", "report");
  }

  @Test
  void run_whenPngIsTruncated_failsNamingTheFileAndKeepsTheRest() throws Exception {
    TinyDataSet damaged = data.copy(folder.resolve("damaged"));
    Path image = damaged.file("train", "_leftImg8bit.png");
    byte[] content = Files.readAllBytes(image);
    Files.write(image, Arrays.copyOf(content, content.length / 2));
    Path label = damaged.file("val", "_polygons.json");
    Files.writeString(label, "{");

    Cli.Result failed =
        cli(damaged, folder.resolve("damaged-store")).run("run", "--json", "--to", "ingest");

    assertThat(failed.code()).isEqualTo(ExitCode.FAILED);
    assertThat(failed.err())
        .contains(image.getFileName().toString())
        .contains("truncated")
        .contains(label.getFileName().toString());
    Files.write(image, content);
    Files.copy(data.file("val", "_polygons.json"), label, StandardCopyOption.REPLACE_EXISTING);
    Cli.Result mended =
        cli(damaged, folder.resolve("damaged-store")).run("run", "--json", "--to", "ingest");
    assertThat(mended.ran()).containsEntry("ingest", "2/6");
  }

  @Test
  void run_whenBlobIsCorrupt_makesItAnewAndSaysWhy() throws Exception {
    Path store = copyOfStore("corrupt");
    Path shard = StoreProbe.shard(store, first);
    StoreProbe.flipOneBit(shard);

    Cli.Result run = cli(data, store).run("run", "--json");

    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.ran()).containsOnlyKeys("shards");
    assertThat(reason(run, "shards")).contains("corrupt");
    assertThat(run.outputs()).isEqualTo(first.outputs());
  }

  @Test
  void run_whenBlobTurnsOutToBeCorruptWhileItIsRead_makesItAnewInTheSameRun() throws Exception {
    Path store = copyOfStore("rot");
    Path shard = StoreProbe.shard(store, first);
    FileTime unchanged = Files.getLastModifiedTime(shard);
    StoreProbe.flipOneBit(shard);
    // bit rot: the bytes change and the time does not, so the lookup cannot see it
    Files.setLastModifiedTime(shard, unchanged);

    Cli.Result run = cli(data, store).run("run", "--json", "--set", "train.learning_rate=0.003");

    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.err()).contains("was corrupt and has been removed").contains("made anew");
    assertThat(run.ran()).containsKeys("shards", "train").doesNotContainKeys("ingest", "trainids");
    assertThat(run.outputs()).containsEntry("shards", first.outputs().get("shards"));
  }

  @Test
  void run_whenStageIsForced_runsItAgainAndWhatFollowsIsCached() {
    Cli.Result forced =
        cli(data, folder.resolve("store")).run("run", "--json", "--force", "trainids");

    assertThat(forced.ran()).isEqualTo(Map.of("trainids", "6/6"));
    assertThat(reason(forced, "trainids")).isEqualTo("forced");
  }

  @Test
  void run_whenEarlierStagesAreMissing_saysWhatToDo() {
    Cli.Result run = cli(data, folder.resolve("nothing")).run("run", "--json", "--from", "train");

    assertThat(run.code()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err())
        .contains("Stage ingest has no result in the store")
        .contains("--from ingest");
  }

  @Test
  void plan_whenSomethingWouldRun_saysWhyAndCheckReturnsThree() {
    Cli cli = cli(data, folder.resolve("store"));

    assertThat(cli.run("plan", "--check").code()).isZero();
    Cli.Result changed = cli.run("plan", "--check", "--set", "train.learning_rate=0.01");
    assertThat(changed.code()).isEqualTo(ExitCode.NOT_MET);
    assertThat(changed.out()).contains("train.learning_rate 0.001 -> 0.01").contains("waits");
    Cli.Result explained =
        cli.run("plan", "--explain", "train", "--set", "train.learning_rate=0.01");
    assertThat(explained.out()).contains("FIELD").contains("train.learning_rate").contains("0.01");
    assertThat(explained.code()).isZero();
  }

  @Test
  void run_whenThresholdIsNotMet_returnsThree() {
    Cli cli = cli(data, folder.resolve("store"));

    assertThat(cli.run("run", "--fail-under-miou", "0").code()).isZero();
    Cli.Result failed = cli.run("run", "--fail-under-miou", "99.5");
    assertThat(failed.code()).isEqualTo(ExitCode.NOT_MET);
    assertThat(failed.err()).contains("epoch 1").contains("below the 99.5 %");
  }

  @Test
  void runsAndShow_whenRunsAreRecorded_printThem() {
    Cli cli = new Cli(folder, List.of("--store", folder.resolve("store").toString()));

    assertThat(cli.run("runs").out()).contains(first.run().getId()).contains("mIoU (paper)");
    Cli.Result shown = cli.run("show", first.run().getId());
    assertThat(shown.out())
        .contains("learning_rate: 0.001")
        .contains("report.html")
        .contains("ingest");
    assertThat(cli.run("show", "no-such-run").code()).isEqualTo(ExitCode.USAGE);
  }

  private static String reason(Cli.Result result, String node) {
    return outcome(result, node).getReason();
  }

  private static StageStatus status(Cli.Result result, String node) {
    return outcome(result, node).getStatus();
  }

  private static StageOutcome outcome(Cli.Result result, String node) {
    return result.run().getStagesList().stream()
        .filter(outcome -> outcome.getNode().equals(node))
        .findFirst()
        .orElseThrow();
  }

  private static Path copyOfStore(String name) throws IOException {
    return new TinyDataSet(folder.resolve("store")).copy(folder.resolve("store-" + name)).root();
  }
}
