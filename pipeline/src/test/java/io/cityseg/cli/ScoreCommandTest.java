package io.cityseg.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.cityseg.image.Grey16Image;
import io.cityseg.image.GreyImage;
import io.cityseg.image.LabelPng;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScoreCommandTest {
  private static final GreyImage TRUTH = new GreyImage(1, 4, new byte[] {7, 7, 26, 26});

  @TempDir private Path folder;
  private Cli cli;

  @BeforeEach
  void images() throws IOException {
    cli = new Cli(folder.resolve("home"), List.of());
    Path truth = Files.createDirectories(folder.resolve("gtFine/val/a"));
    Path results = Files.createDirectories(folder.resolve("results"));
    for (int i = 0; i < 3; i++) {
      String name = "a_00000%d_000019".formatted(i);
      Files.write(truth.resolve(name + "_gtFine_labelIds.png"), LabelPng.encode(TRUTH));
      Files.write(
          truth.resolve(name + "_gtFine_instanceIds.png"),
          LabelPng.encode(new Grey16Image(1, 4, new short[] {7, 7, 26_000, 26_000})));
      Files.write(
          results.resolve(name + ".png"),
          LabelPng.encode(new GreyImage(1, 4, new byte[] {7, 7, 26, 7})));
    }
  }

  /** Road: 6 of 9 pixels; car: 3 of 6, and the same weighted. */
  @Test
  void score_whenAllIsThere_printsTablesAndWritesTheOfficialFile() throws IOException {
    Path json = folder.resolve("new/result.json");
    var result = score("--json", json.toString());
    assertThat(result.code()).as(result.err()).isEqualTo(0);
    assertThat(result.out())
        .contains(
            "measure cityscapes: 19 classes on regular ids, void ignored, full size, 3 images")
        .contains("road          : 0.667      nan\n")
        .contains("car           : 0.500    0.500\n")
        .contains("Score Average : 0.583    0.500\n")
        .contains("vehicle       : 0.500    0.500\n");
    assertThat(json).content().contains("\"averageScoreClasses\": 0.5833333333333333,");
  }

  @Test
  void score_whateverTheParallelism_writesTheSameBytes() {
    Path one = folder.resolve("1.json");
    Path three = folder.resolve("3.json");
    score("--json", one.toString(), "--parallelism", "1");
    score("--json", three.toString(), "--parallelism", "3");
    assertThat(one).hasSameBinaryContentAs(three);
  }

  @Test
  void score_whenThereAreNoInstances_saysThatThereIsNoInstanceScore() throws IOException {
    for (int i = 0; i < 3; i++) {
      Files.delete(
          folder.resolve("gtFine/val/a/a_00000%d_000019_gtFine_instanceIds.png".formatted(i)));
    }
    var result = score();
    assertThat(result.code()).isEqualTo(0);
    assertThat(result.err()).contains("cityseg: nIoU is not available: ");
    assertThat(result.out()).contains("car           : 0.500      n/a\n");
  }

  @Test
  void score_whenPredictionsAreWrong_listsAllAndReturns1() throws IOException {
    Files.delete(folder.resolve("results/a_000000_000019.png"));
    Files.write(
        folder.resolve("results/a_000001_000019.png"),
        LabelPng.encode(new GreyImage(1, 4, new byte[] {0, 1, 2, -1})));
    Path json = folder.resolve("result.json");
    var result = score("--json", json.toString());
    assertThat(result.code()).isEqualTo(1);
    assertThat(result.out()).isEmpty();
    assertThat(result.err())
        .contains("a_000000_000019_gtFine_labelIds.png has no prediction")
        .contains("a_000001_000019.png has the id 255 at column 3, row 0")
        .contains("cityseg: nothing was scored: 2 problems");
    assertThat(json).doesNotExist();
  }

  @Test
  void score_whenThresholdIsNotMet_returns3() {
    assertThat(score("--fail-under-miou", "58.3").code()).isEqualTo(0);
    var result = score("--fail-under-miou", "58.4");
    assertThat(result.code()).isEqualTo(3);
    assertThat(result.err())
        .contains("the mean IoU of the classes is 58.33 % (cityscapes measure), below the 58.4 %");
  }

  /** The only pixel that differs has neighbours: all pixels are boundary pixels here. */
  @Test
  void score_whenBoundariesAreAskedFor_hasAColumnMore() throws IOException {
    Path json = folder.resolve("result.json");
    var result = score("--boundary", "--json", json.toString());
    assertThat(result.code()).as(result.err()).isEqualTo(0);
    assertThat(result.out())
        .contains("BIoU\n")
        .contains("car           : 0.500    0.500    0.500\n");
    assertThat(json).content().contains("\"boundaryDilationRatio\": 0.02,");
    assertThat(score("--boundary=0.1").out()).contains("car           : 0.500    0.500    0.500\n");
    var wrong = score("--boundary=-1");
    assertThat(wrong.code()).isEqualTo(2);
    assertThat(wrong.err()).contains("--boundary is -1.0 (must be above 0, at most 1)");
  }

  @Test
  void score_whenUsageIsWrong_returns2() {
    assertThat(score("--fail-under-miou", "101").code()).isEqualTo(2);
    assertThat(cli.exactly("score", "--ground-truth", path("gtFine")).code()).isEqualTo(2);
    var absent =
        cli.exactly("score", "--ground-truth", path("gtFine"), "--predictions", path("absent"));
    assertThat(absent.code()).isEqualTo(2);
    assertThat(absent.err()).contains("--predictions " + path("absent") + " does not exist");
    var swapped =
        cli.exactly("score", "--ground-truth", path("results"), "--predictions", path("results"));
    assertThat(swapped.code()).isEqualTo(2);
    assertThat(swapped.err()).contains("has no ground truth");
  }

  private Cli.Result score(String... options) {
    List<String> arguments =
        new ArrayList<>(
            List.of("score", "--ground-truth", path("gtFine"), "--predictions", path("results")));
    arguments.addAll(List.of(options));
    return cli.exactly(arguments.toArray(String[]::new));
  }

  private String path(String name) {
    return folder.resolve(name).toString();
  }
}
