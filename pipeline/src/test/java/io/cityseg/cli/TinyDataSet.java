package io.cityseg.cli;

import io.cityseg.scenes.SceneOptions;
import io.cityseg.scenes.SceneWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;

/** A data set of a few drawn scenes, and ways to damage it. */
record TinyDataSet(Path root) {
  /** Arguments of a configuration that trains on it in seconds. */
  static final List<String> SETTINGS =
      List.of(
          "--set", "shards.height=33",
          "--set", "shards.width=65",
          "--set", "shards.items_per_shard=2",
          "--set", "train.epochs=1",
          "--set", "train.batch_size=2",
          "--set", "evaluate.pictures=1");

  static TinyDataSet draw(Path root) throws Exception {
    SceneWriter.draw(root, new SceneOptions(4, 2, 7, 48, 96), drawn -> {});
    return new TinyDataSet(root);
  }

  /** A copy elsewhere, with the files' times. */
  TinyDataSet copy(Path target) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      files.forEach(
          file -> {
            try {
              Files.copy(
                  file,
                  target.resolve(root.relativize(file).toString()),
                  StandardCopyOption.COPY_ATTRIBUTES);
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
    }
    return new TinyDataSet(target);
  }

  /** The first file of a split whose name ends so. */
  Path file(String split, String ending) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      return files
          .filter(file -> file.toString().contains("/" + split + "/"))
          .filter(file -> file.toString().endsWith(ending))
          .sorted()
          .findFirst()
          .orElseThrow();
    }
  }
}
