package io.cityseg.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LabelsCommandTest {
  private static final String ROAD =
      "{\"imgWidth\":4,\"imgHeight\":2,\"objects\":[{\"label\":\"road\",\"polygon\":[[0,0],[3,0]]}]}";

  @TempDir private Path folder;
  private Cli cli;

  @BeforeEach
  void tree() throws IOException {
    cli = new Cli(folder.resolve("home"), List.of());
    write("gtFine/val/a/a_000000_000019_gtFine_polygons.json", ROAD);
    write("gtFine/val/a/a_000001_000019_gtFine_polygons.json", ROAD);
  }

  @Test
  void labels_whenTree_writesTrainIdsAndPrintsTheFolder() {
    var result = cli.exactly("labels", path("gtFine"), path("out"));
    assertThat(result.code()).as(result.err()).isEqualTo(0);
    assertThat(result.out()).isEqualTo(path("out") + "\n");
    assertThat(result.err()).contains("labels: 1/2 files");
    assertThat(folder.resolve("out/val/a/a_000000_000019_gtFine_labelTrainIds.png")).exists();
  }

  @Test
  void labels_whateverTheParallelism_writesTheSameBytes() throws IOException {
    for (String encoding : List.of("trainIds", "ids", "color", "instanceIds", "instanceTrainIds")) {
      for (String n : List.of("1", "3")) {
        assertThat(
                cli.exactly(
                        "labels",
                        path("gtFine"),
                        path("out" + n),
                        "--encoding",
                        encoding,
                        "--parallelism",
                        n)
                    .code())
            .isEqualTo(0);
      }
      String name =
          Map.of("trainIds", "labelTrainIds", "ids", "labelIds").getOrDefault(encoding, encoding);
      Path file = Path.of("val/a/a_000000_000019_gtFine_" + name + ".png");
      assertThat(folder.resolve("out1").resolve(file))
          .hasSameBinaryContentAs(folder.resolve("out3").resolve(file));
    }
  }

  @Test
  void labels_whenFilesAreDamaged_listsThemWritesTheOthersAndReturns1() throws IOException {
    write("gtFine/val/a/a_000002_000019_gtFine_polygons.json", "{");
    write("gtFine/val/a/a_000003_000019_gtFine_polygons.json", ROAD.replace("road", "tree"));
    var result = cli.exactly("labels", path("gtFine"), path("out"));
    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err())
        .contains("a_000002_000019_gtFine_polygons.json is not a whole JSON file")
        .contains("a_000003_000019_gtFine_polygons.json has an object of the unknown label 'tree'")
        .contains("cityseg: 2 of 4 files could not be converted; the others are in")
        .doesNotContain("\tat ");
    assertThat(folder.resolve("out/val/a/a_000001_000019_gtFine_labelTrainIds.png")).exists();
    assertThat(folder.resolve("out/val/a/a_000002_000019_gtFine_labelTrainIds.png")).doesNotExist();
  }

  @Test
  void labels_whenTheOnlyFileIsDamaged_saysThatNothingWasWritten() throws IOException {
    write("evil.json", ROAD.replace("road", "road\\u001b[31m"));
    write("no_labelIds.png", "text");
    for (String file : List.of("evil.json", "no_labelIds.png")) {
      var result = cli.exactly("labels", path(file), path("x.png"));
      assertThat(result.code()).isEqualTo(1);
      assertThat(result.out()).isEmpty();
      assertThat(result.err())
          .contains("cityseg: 1 of 1 files could not be converted; nothing was written")
          .containsAnyOf(
              "evil.json has an object of the unknown label 'road\\u001b[31m'",
              "no_labelIds.png is not a PNG file")
          .doesNotContain("\u001b");
    }
  }

  @Test
  void labels_whenUsageIsWrong_returns2() {
    assertUsage("--encoding depth: must be one of trainIds, ids,", "--encoding", "depth");
    assertUsage("--parallelism is 0 (must be 1 to 1024)", "--parallelism", "0");
    var result = cli.exactly("labels", path("absent"), path("out"));
    assertThat(result.code()).isEqualTo(2);
    assertThat(result.err()).contains("absent does not exist; name a label file");
  }

  private void assertUsage(String message, String... options) {
    var arguments = new ArrayList<>(List.of("labels", path("gtFine"), path("out")));
    arguments.addAll(List.of(options));
    var result = cli.exactly(arguments.toArray(String[]::new));
    assertThat(result.code()).isEqualTo(2);
    assertThat(result.err()).contains("cityseg: " + message);
  }

  private String path(String name) {
    return folder.resolve(name).toString();
  }

  private void write(String file, String text) throws IOException {
    Files.createDirectories(folder.resolve(file).getParent());
    Files.writeString(folder.resolve(file), text);
  }
}
