package io.cityseg.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.cityseg.scenes.SceneOptions;
import io.cityseg.scenes.SceneWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** More items than the 10,000 that Beam keeps in memory of a key's values. */
class ManyItemsIT {
  private static final int ITEMS = 10_100;

  @TempDir Path folder;

  @Test
  void run_withMoreItemsThanBeamKeepsInMemory_gathersThemOnFlink() throws Exception {
    Path data = folder.resolve("scenes");
    SceneWriter.draw(data, new SceneOptions(1, 1, 7, 33, 65), drawn -> {});
    repeatTrainItem(data, ITEMS - 2);

    Cli.Result result =
        new Cli(folder, List.of())
            .run(
                "run",
                "--json",
                "--to",
                "ingest",
                "--runner",
                "flink",
                "--data",
                data.toString(),
                "--store",
                folder.resolve("store").toString());

    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.ran()).isEqualTo(Map.of("ingest", ITEMS + "/" + ITEMS));
  }

  /** Links the files of the train split under other frame numbers. */
  private static void repeatTrainItem(Path data, int times) throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.walk(data)) {
      files =
          all.filter(Files::isRegularFile)
              .filter(file -> file.toString().contains("/train/"))
              .toList();
    }
    for (Path file : files) {
      // CITY_SEQUENCE_FRAME_KIND
      String[] name = file.getFileName().toString().split("_", 4);
      for (int i = 1; i <= times; i++) {
        String frame = "%06d".formatted(Integer.parseInt(name[2]) + i);
        Files.createLink(
            file.resolveSibling(String.join("_", name[0], name[1], frame, name[3])), file);
      }
    }
  }
}
