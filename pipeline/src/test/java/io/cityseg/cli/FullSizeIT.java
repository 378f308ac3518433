package io.cityseg.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.cityseg.image.ImageCodec;
import io.cityseg.image.RgbImage;
import io.cityseg.labels.LabelEncoding;
import io.cityseg.labels.LabelFiles;
import io.cityseg.proto.HeadlineMetric;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Both measures through the command line, and the submission that gives the official scores. */
class FullSizeIT {
  @TempDir static Path folder;

  private static TinyDataSet data;
  private static Cli.Result first;

  @BeforeAll
  static void runOnce() throws Exception {
    data = TinyDataSet.draw(folder.resolve("scenes"));
    first = cli(data, folder.resolve("store")).run("run", "--json");
    assertThat(first.code()).as(first.err()).isZero();
  }

  private static Cli cli(TinyDataSet data, Path store) {
    return new Cli(
        folder,
        Stream.concat(
                TinyDataSet.SETTINGS.stream(),
                Stream.of(
                    "--set",
                    "evaluate.measure=both",
                    "--set",
                    "evaluate.flip=true",
                    "--set",
                    "evaluate.boundary=true",
                    "--data",
                    data.root().toString(),
                    "--store",
                    store.toString()))
            .toList());
  }

  @Test
  void run_byBothMeasures_namesTheMeasureOfEveryNumber() {
    assertThat(first.run().getMetricsList())
        .extracting(metric -> metric.getSubject() + " " + metric.getMeasure())
        .containsExactly(
            "baseline paper", "baseline cityscapes", "epoch 1 paper", "epoch 1 cityscapes");
    HeadlineMetric official = first.run().getMetrics(3);
    assertThat(official.hasPixelAccuracy()).isFalse();
    assertThat(official.hasMeanCategoryIou()).isTrue();
    assertThat(official.hasMeanInstanceIou()).isTrue();
    String table = cli(data, folder.resolve("store")).run("run").out();
    assertThat(table)
        .containsPattern("CHECKPOINT +MEASURE +mIoU +PIXEL ACCURACY")
        .containsPattern(
            "CHECKPOINT +MEASURE +mIoU +CATEGORY IoU +iIoU +CATEGORY iIoU +BOUNDARY IoU")
        .containsPattern("epoch 1 +cityscapes +[0-9.]+ %");
  }

  @Test
  void run_onFlinkWithOtherParallelism_makesTheSameDigests() {
    Cli.Result flink =
        cli(data, folder.resolve("flink"))
            .run("run", "--json", "--runner", "flink", "--parallelism", "3");

    assertThat(flink.code()).as(flink.err()).isZero();
    assertThat(flink.outputs()).isEqualTo(first.outputs());
  }

  /** Of an image a shard, so that there are pieces to be carried out side by side. */
  @Test
  void evaluate_whateverTheParallelismAndTheRunner_makesTheSameDigests() throws Exception {
    Cli.Result alone = evaluated("alone", "--parallelism", "1");
    for (List<String> how :
        List.of(
            List.of("--parallelism", "4"),
            List.of("--runner", "flink", "--parallelism", "1"),
            List.of("--runner", "flink", "--parallelism", "4"))) {
      String name = String.join("", how);
      Path store = new TinyDataSet(folder.resolve("alone")).copy(folder.resolve(name)).root();
      for (String action : List.of("evaluate", "evaluate.shard", "report")) {
        deleteTree(store.resolve("actions").resolve(action));
      }

      Cli.Result again = evaluated(name, how.toArray(String[]::new));

      assertThat(again.ran().keySet())
          .as("computed again with %s", how)
          .containsExactly("baseline", "evaluate epoch 1", "report");
      assertThat(again.outputs()).as("digests with %s", how).isEqualTo(alone.outputs());
    }
  }

  private static Cli.Result evaluated(String store, String... how) {
    List<String> arguments =
        new ArrayList<>(List.of("--json", "--set", "shards.items_per_shard=1"));
    arguments.addAll(List.of(how));
    Cli.Result result =
        cli(data, folder.resolve(store)).run("run", arguments.toArray(String[]::new));
    assertThat(result.code()).as(result.err()).isZero();
    return result;
  }

  private static void deleteTree(Path root) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  @Test
  void run_whenATrainImageChanges_leavesTheBaselinesEvaluationAlone() throws Exception {
    TinyDataSet changed = data.copy(folder.resolve("changed-train"));
    Path image = changed.file("train", "_leftImg8bit.png");
    RgbImage picture = ImageCodec.decodeRgb(Files.readAllBytes(image), image.toString());
    picture.pixels()[0] ^= 64;
    Files.write(image, ImageCodec.encodePng(picture));

    Cli.Result plan = cli(changed, copyOfStore("train")).run("run", "--json", "--to", "evaluate");

    assertThat(plan.code()).as(plan.err()).isZero();
    assertThat(plan.ran().keySet())
        .containsExactly("ingest", "shards", "train", "evaluate epoch 1");
  }

  @Test
  void run_whenAnInstanceFileChanges_evaluatesAgainAndTrainsNothing() throws Exception {
    TinyDataSet changed = data.copy(folder.resolve("changed-instances"));
    Files.delete(changed.file("val", "_gtFine_instanceIds.png"));

    Cli.Result run = cli(changed, copyOfStore("instances")).run("run", "--json");

    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.ran().keySet())
        .containsExactly("ingest", "baseline", "evaluate epoch 1", "report");
    assertThat(run.run().getMetrics(3).hasMeanInstanceIou()).as("iIoU is available").isFalse();
    assertThat(run.run().getMetrics(3).getMeanIou())
        .isEqualTo(first.run().getMetrics(3).getMeanIou());
    assertThat(cli(changed, folder.resolve("store-instances")).run("run").out())
        .containsPattern("epoch 1 +cityscapes +[0-9.]+ % +[0-9.]+ % +not available");
  }

  @Test
  void run_whenOnlyThePaperMeasureIsWanted_doesNotCareForInstances() throws Exception {
    Path store = copyOfStore("paper");
    TinyDataSet changed = data.copy(folder.resolve("paper-instances"));
    Files.delete(changed.file("val", "_gtFine_instanceIds.png"));
    String[] paper = {
      "--json", "--set", "evaluate.measure=paper", "--set", "evaluate.boundary=false"
    };
    assertThat(cli(data, store).run("run", paper).code()).isZero();

    Cli.Result run = cli(changed, store).run("run", paper);

    assertThat(run.ran().keySet()).containsExactly("ingest");
  }

  @Test
  void run_whenAThresholdIsSet_looksAtTheMeasureThatIsNamed() {
    Cli cli = cli(data, folder.resolve("store"));

    Cli.Result official = cli.run("run", "--fail-under-miou", "99", "--measure", "cityscapes");
    assertThat(official.code()).isEqualTo(ExitCode.NOT_MET);
    assertThat(official.err()).contains("(cityscapes measure)").doesNotContain("(paper measure)");
    assertThat(cli.run("run", "--fail-under-miou", "99").err())
        .contains("(paper measure)")
        .doesNotContain("(cityscapes measure)");
    Cli.Result wrong =
        cli.run(
            "run",
            "--fail-under-miou",
            "99",
            "--measure",
            "cityscapes",
            "--set",
            "evaluate.measure=paper",
            "--set",
            "evaluate.boundary=false");
    assertThat(wrong.code()).isEqualTo(ExitCode.USAGE);
    assertThat(wrong.err()).contains("--measure is cityscapes, and evaluate.measure is paper");
  }

  @Test
  void export_ofTheValSplit_scoresAsTheEvaluationDid() throws Exception {
    Path zip = folder.resolve("val.zip");
    String checkpoint = "latest:train/epoch-1";
    Cli cli = cli(data, folder.resolve("store"));
    Cli.Result exported = export(cli, "--checkpoint", checkpoint, "--split", "val", zip.toString());
    assertThat(exported.code()).as(exported.err()).isZero();
    byte[] bytes = Files.readAllBytes(zip);
    export(cli, "--checkpoint", checkpoint, "--split", "val", zip.toString());
    assertThat(Files.readAllBytes(zip)).as("the same bytes again").isEqualTo(bytes);
    unzip(zip, folder.resolve("unzipped"));
    Path truth = data.copy(folder.resolve("truth")).root().resolve("gtFine");
    LabelFiles.convert(
        LabelFiles.find(truth, truth, LabelEncoding.IDS), LabelEncoding.IDS, 1, done -> {});
    Path json = folder.resolve("scores.json");

    Cli.Result scored =
        cli.exactly(
            "score",
            "--ground-truth",
            truth.toString(),
            "--predictions",
            folder.resolve("unzipped").toString(),
            "--boundary",
            "--json",
            json.toString());

    assertThat(scored.code()).as(scored.err()).isZero();
    JsonNode scores =
        JsonMapper.builder()
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .build()
            .readTree(json.toFile());
    HeadlineMetric official = first.run().getMetrics(3);
    assertThat(official.getMeanIou()).isEqualTo(scores.get("averageScoreClasses").asDouble());
    assertThat(official.getMeanCategoryIou())
        .isEqualTo(scores.get("averageScoreCategories").asDouble());
    assertThat(official.getMeanInstanceIou())
        .isEqualTo(scores.get("averageScoreInstClasses").asDouble());
    assertThat(official.getMeanCategoryInstanceIou())
        .isEqualTo(scores.get("averageScoreInstCategories").asDouble());
    assertThat(official.getMeanBoundaryIou())
        .isEqualTo(scores.get("averageScoreBoundaryClasses").asDouble());
  }

  @Test
  void run_whenBoundariesAreSwitchedOff_hasNoColumnOfThem() {
    Cli.Result run =
        cli(data, folder.resolve("store"))
            .run("run", "--json", "--to", "evaluate", "--set", "evaluate.boundary=false");

    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.run().getMetricsList()).noneMatch(HeadlineMetric::hasMeanBoundaryIou);
    assertThat(run.run().getMetrics(3).getMeanIou())
        .isEqualTo(first.run().getMetrics(3).getMeanIou());
  }

  @Test
  void export_whenImagesAreWrong_namesAllAndWritesNothing() throws Exception {
    TinyDataSet wrong = data.copy(folder.resolve("wrong-val"));
    Path image = wrong.file("val", "_leftImg8bit.png");
    Path misnamed = image.resolveSibling("picture.png");
    Files.move(image, misnamed);
    Path zip = folder.resolve("wrong.zip");

    Cli.Result failed =
        export(
            cli(wrong, folder.resolve("store")),
            "--checkpoint",
            "latest:train/epoch-1",
            "--split",
            "val",
            "--images",
            "2",
            "--size",
            "48x97",
            zip.toString());

    assertThat(failed.code()).isEqualTo(ExitCode.FAILED);
    assertThat(failed.err())
        .contains("picture.png is not named <city>_")
        .contains("has no image " + image.getFileName())
        .contains("it must be 48x97")
        .contains("has 1 images")
        .contains("nothing was written: 4 problems");
    assertThat(zip).doesNotExist();
  }

  private static Cli.Result export(Cli cli, String... arguments) {
    List<String> all = new ArrayList<>(List.of("export", "submission"));
    all.addAll(cli.common());
    all.addAll(List.of(arguments));
    return cli.exactly(all.toArray(String[]::new));
  }

  private static void unzip(Path zip, Path target) throws IOException {
    Files.createDirectories(target);
    try (InputStream in = Files.newInputStream(zip);
        ZipInputStream entries = new ZipInputStream(in)) {
      for (ZipEntry entry = entries.getNextEntry(); entry != null; entry = entries.getNextEntry()) {
        Files.write(target.resolve(Path.of(entry.getName()).getFileName()), entries.readAllBytes());
      }
    }
  }

  private static Path copyOfStore(String name) throws IOException {
    return new TinyDataSet(folder.resolve("store")).copy(folder.resolve("store-" + name)).root();
  }
}
