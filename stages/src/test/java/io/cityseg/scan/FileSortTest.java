package io.cityseg.scan;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FileSortTest {
  private static final int FILES = 1000;

  @TempDir Path folder;

  private static FoundFile file(int number) {
    return new FoundFile(
        "leftImg8bit/train/\u00fc\u6f22/%06d".formatted(number / 2),
        number % 2,
        new FileVersion(number, -number, "(dev=1,inode=" + number + ")"));
  }

  private static List<FoundFile> takeAll(FileSort sort) throws Exception {
    List<FoundFile> all = new ArrayList<>();
    for (Optional<FoundFile> file = sort.next(); file.isPresent(); file = sort.next()) {
      all.add(file.get());
    }
    return all;
  }

  @ParameterizedTest(name = "{0} in a run")
  @ValueSource(ints = {1, 7, 333, 500, 999, 1000, 1001})
  void next_whateverTheRuns_givesAllFilesInOrder(int runLength) throws Exception {
    List<FoundFile> files = new ArrayList<>();
    for (int i = 0; i < FILES; i++) {
      files.add(file(i));
    }
    List<FoundFile> shuffled = new ArrayList<>(files);
    Collections.shuffle(shuffled, new Random(7));
    Path spill = Files.createFile(folder.resolve("spill"));
    try (FileSort sort = new FileSort(spill, runLength)) {
      for (FoundFile file : shuffled) {
        sort.add(file);
      }
      assertThat(sort.count()).isEqualTo(FILES);
      assertThat(takeAll(sort)).isEqualTo(files);
      assertThat(sort.next()).isEmpty();
    }
    assertThat(Files.exists(spill)).isEqualTo(runLength > FILES);
  }

  @Test
  void next_whenNothingWasAdded_isEmpty() throws Exception {
    try (FileSort sort = new FileSort(folder.resolve("spill"))) {
      assertThat(sort.next()).isEmpty();
    }
  }
}
