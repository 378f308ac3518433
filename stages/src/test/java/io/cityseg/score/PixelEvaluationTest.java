package io.cityseg.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cityseg.image.ImageCodec;
import io.cityseg.image.Oracle;
import io.cityseg.image.PngBytes;
import io.cityseg.image.RgbImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PixelEvaluationTest {
  private static final String A = "a_000000_000019";
  private static final String B = "b_000000_000019";
  private static final int[][] ROAD_AND_CARS = {{7, 7, 26, 26}, {1, 7, 26, 26}};
  private static final int[][] INSTANCES = {{7, 7, 26_000, 26_000}, {1, 7, 26_001, 26}};

  @TempDir private Path folder;
  private ScoredSet set;

  @BeforeEach
  void perfectPredictions() throws IOException {
    set = new ScoredSet(folder);
    set.add(A, ROAD_AND_CARS, INSTANCES, ROAD_AND_CARS);
    set.add(B, ROAD_AND_CARS, INSTANCES, ROAD_AND_CARS);
  }

  /** Made with the official script; see the resource. */
  @Test
  void run_whenGolden_isTheOfficialFileAndTables(@TempDir Path other) throws Exception {
    JsonNode golden;
    try (InputStream in = getClass().getResourceAsStream("official.json")) {
      golden = new ObjectMapper().readTree(in);
    }
    ScoredSet images = new ScoredSet(other);
    for (JsonNode image : golden.get("images")) {
      images.add(
          image.get("name").textValue(),
          rows(image.get("labelIds")),
          rows(image.get("instanceIds")),
          rows(image.get("prediction")));
    }
    Scores scores = run(images);
    assertThat(ScoresJson.of(scores).replace(other + "/", ""))
        .isEqualTo(golden.get("result").textValue());
    assertThat(ScoreTables.of(scores).stripTrailing())
        .isEqualTo(golden.get("tables").textValue().stripTrailing());
  }

  @ParameterizedTest
  @ValueSource(strings = {"mixed", "absent", "void"})
  void run_whenSetOfTheOracle_isTheOfficialFileWhateverTheThreads(String name) throws Exception {
    Path oracle = Oracle.folder("evaluation");
    String expected = Files.readString(oracle.resolve(name).resolve("result.json"));
    for (int threads : new int[] {1, 3}) {
      Scores scores =
          PixelEvaluation.open(
                  oracle.resolve(name).resolve("gtFine"), oracle.resolve(name).resolve("results"))
              .run(threads, done -> {});
      assertThat(ScoresJson.of(scores).replace(oracle + "/", "")).isEqualTo(expected);
    }
  }

  @Test
  void run_whenPerfect_isOneAndIgnoresGroups() throws Exception {
    Scores scores = run(set);
    assertThat(scores.classes()).containsEntry("road", 1.0).containsEntry("car", 1.0);
    assertThat(scores.classes().get("ego vehicle")).isNaN();
    assertThat(scores.instances().orElseThrow().classes()).containsEntry("car", 1.0);
    assertThat(Scores.average(scores.classes())).isEqualTo(1.0);
  }

  @Test
  void run_whenThereAreNoInstances_hasNoInstanceScores() throws Exception {
    Files.delete(set.instanceIds(A));
    Files.delete(set.instanceIds(B));
    Scores scores = run(set);
    assertThat(scores.instances()).isEmpty();
    assertThat(scores.classes()).containsEntry("car", 1.0);
    assertThat(ScoresJson.of(scores))
        .contains("\"averageScoreInstClasses\": null,\n")
        .contains("\"classInstScores\": null,\n");
    assertThat(ScoreTables.of(scores)).contains("car           : 1.000      n/a\n");
  }

  @Test
  void run_whenFilesAreWrong_namesAllOfThemAtOnce() throws Exception {
    Files.delete(set.instanceIds(A));
    Files.delete(set.prediction(B));
    String c = "c_000000_000019";
    set.add(c, ROAD_AND_CARS, INSTANCES, ROAD_AND_CARS);
    ScoredSet.write(folder.resolve("results/more/" + c + ".png"), new byte[1]);
    assertThat(problems())
        .hasSize(3)
        .anyMatch(p -> p.contains(B + "_gtFine_labelIds.png has no prediction: no file below"))
        .anyMatch(
            p -> p.contains(c + "_gtFine_labelIds.png has 2 predictions") && p.contains("more"))
        .anyMatch(p -> p.contains(A + "_gtFine_instanceIds.png does not exist"));
  }

  @Test
  void run_whenPredictionIsOfTheWrongKind_namesItAndTheReason() throws Exception {
    assertPrediction(ScoredSet.grey(new int[][] {{7, 7}}), "has 2 x 1 pixels, its ground truth");
    assertPrediction(ScoredSet.grey16(ROAD_AND_CARS), "holds 16-bit grey pixels; 8-bit grey is");
    assertPrediction(
        ImageCodec.encodePng(new RgbImage(2, 4, new byte[24])), "holds 8-bit RGB pixels");
    assertPrediction(
        ScoredSet.grey(new int[][] {{7, 7, 7, 7}, {7, 255, 7, 7}}),
        "has the id 255 at column 1, row 1; regular ids are 0 to 33");
    byte[] whole = ScoredSet.grey(ROAD_AND_CARS);
    assertPrediction(Arrays.copyOf(whole, whole.length - 20), "is truncated");
    assertPrediction(new byte[0], "is not a PNG file");
    assertPrediction(
        PngBytes.claiming(100_000, 100_000), "has a size of 100000 x 100000 pixels (must be at");
    assertPrediction(PngBytes.claiming(0, 4), "has a size of 0 x 4 pixels (must be at least");
  }

  /** The largest picture there may be, in 130 kB; and more data than the size needs. */
  @Test
  void run_whenPredictionIsABomb_takesNoMemoryForIt() throws Exception {
    assertPrediction(PngBytes.bomb(16_384, 8_192), "has 16384 x 8192 pixels, its ground truth");
    assertPrediction(PngBytes.bombInside(4, 2), "does not end after 10 bytes");
  }

  @Test
  void run_whenAllFilesOfAnImageAreWrong_namesEveryOne() throws Exception {
    Files.write(set.labelIds(A), new byte[0]);
    Files.write(set.instanceIds(A), new byte[9]);
    Files.delete(set.prediction(A));
    Files.createSymbolicLink(set.prediction(A), set.prediction(A));
    Files.delete(set.prediction(B));
    Files.createDirectories(set.prediction(B).resolve("a folder"));
    assertThat(problems())
        .hasSize(4)
        .anyMatch(p -> p.contains(B + "_gtFine_labelIds.png has no prediction"))
        .anyMatch(p -> p.contains(A + "_gtFine_labelIds.png is not a PNG file: it is 0 bytes"))
        .anyMatch(p -> p.contains(A + "_gtFine_instanceIds.png is not a PNG file: it is 9 bytes"))
        .anyMatch(p -> p.contains(A + "_pred.png does not exist"));
  }

  @Test
  void run_whenBoundariesAreAskedFor_hasThemAndChangesNothingElse() throws Exception {
    Scores plain = run(set);
    Scores scores =
        PixelEvaluation.open(set.groundTruth(), set.predictions())
            .withBoundaries(BoundaryCounter.DILATION_RATIO)
            .run(2, done -> {});
    assertThat(plain.boundaries()).isEmpty();
    Scores.BoundaryScores boundaries = scores.boundaries().orElseThrow();
    assertThat(boundaries.classes()).containsEntry("road", 1.0).containsEntry("car", 1.0);
    assertThat(boundaries.classes().get("ego vehicle")).isNaN();
    assertThat(boundaries.counts().unions()[7]).as("all 3 pixels of 2 images").isEqualTo(6);
    assertThat(ScoreTables.of(plain)).contains("car           : 1.000    1.000\n");
    assertThat(ScoreTables.of(scores))
        .contains("classes          IoU      nIoU      BIoU\n")
        .contains("car           : 1.000    1.000    1.000\n")
        .contains("categories       IoU      nIoU\n");
    JsonNode file = lenient(ScoresJson.of(scores));
    assertThat(file.get("boundaryPixels").get("car").get("union").intValue()).isEqualTo(8);
    assertThat(file.get("averageScoreBoundaryClasses").doubleValue()).isEqualTo(1.0);
    assertThat(file.get("boundaryDilationRatio").doubleValue()).isEqualTo(0.02);
    ObjectNode official = (ObjectNode) file;
    official.remove(
        List.of(
            "boundaryPixels",
            "boundaryDilationRatio",
            "classBoundaryScores",
            "averageScoreBoundaryClasses"));
    assertThat(official).isEqualTo(lenient(ScoresJson.of(plain)));
  }

  private static JsonNode lenient(String json) throws IOException {
    return JsonMapper.builder()
        .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
        .build()
        .readTree(json);
  }

  @Test
  void run_whenInstanceIsOfNoLabelWithInstances_namesFileAndNumber() throws Exception {
    ScoredSet.write(
        set.instanceIds(A), ScoredSet.grey16(new int[][] {{7001, 7, 7, 7}, {7, 7, 7, 7}}));
    ScoredSet.write(
        set.instanceIds(B), ScoredSet.grey16(new int[][] {{34_000, 7, 7, 7}, {7, 7, 7, 7}}));
    assertThat(problems())
        .anyMatch(p -> p.contains("has the instance 7001, and 'road' has no instances"))
        .anyMatch(p -> p.contains("has the instance 34000, and 34 is no id"));
  }

  @Test
  void open_whenThereIsNoGroundTruth_says() {
    assertThatThrownBy(() -> PixelEvaluation.open(set.predictions(), set.predictions()))
        .isInstanceOf(ScoreException.class)
        .hasMessageContaining("has no ground truth: nothing below it ends in _gtFine_labelIds.png");
  }

  /** The official pattern is {@code a_000000_000019*.png}, anywhere below the folder. */
  @Test
  void open_whenPredictionsHaveOtherNames_findsThemByTheOfficialPattern() throws Exception {
    Path deep = set.predictions().resolve("val/a");
    Files.createDirectories(deep);
    Files.move(set.prediction(A), deep.resolve(A + ".png"));
    Files.move(set.prediction(B), deep.resolve(B + "_leftImg8bit_labelTrain.png"));
    Files.write(deep.resolve("a_000000_00001.png"), new byte[1]);
    assertThat(run(set).images()).hasSize(2);
  }

  @Test
  void open_whenAPredictionIsReachedByALinkToo_isNotAmbiguous() throws Exception {
    Files.createSymbolicLink(set.predictions().resolve("latest"), set.predictions());
    Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
    Files.createLink(elsewhere.resolve("x.png"), set.prediction(A));
    Files.createSymbolicLink(
        set.predictions().resolve(A + "_again.png"), set.prediction(A).toAbsolutePath());
    assertThat(run(set).images()).hasSize(2);
  }

  /** Whole data sets have train, and dummies in test, which nobody predicts. */
  @Test
  void open_whenGroundTruthIsAWholeDataSet_takesVal() throws Exception {
    Path train = set.groundTruth().resolve("train/c/c_000000_000019_gtFine_labelIds.png");
    ScoredSet.write(train, ScoredSet.grey(ROAD_AND_CARS));
    assertThat(PixelEvaluation.open(folder, set.predictions()).pairs()).isEqualTo(2);
    assertThat(PixelEvaluation.open(set.groundTruth(), set.predictions()).pairs()).isEqualTo(2);
  }

  private void assertPrediction(byte[] png, String problem) throws Exception {
    ScoredSet.write(set.prediction(A), png);
    assertThat(problems())
        .singleElement()
        .asString()
        .contains(set.prediction(A).toString())
        .contains(problem);
  }

  private List<String> problems() {
    return catchThrowableOfType(ScoreException.class, () -> run(set)).problems();
  }

  private static Scores run(ScoredSet set) throws Exception {
    return PixelEvaluation.open(set.groundTruth(), set.predictions()).run(2, done -> {});
  }

  private static int[][] rows(JsonNode rows) {
    int[][] all = new int[rows.size()][rows.get(0).size()];
    for (int y = 0; y < all.length; y++) {
      for (int x = 0; x < all[y].length; x++) {
        all[y][x] = rows.get(y).get(x).intValue();
      }
    }
    return all;
  }
}
