package io.cityseg.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FilesTest {
  @TempDir private Path folder;

  @Test
  void list_whenLinksAndHiddenFilesAreThere_followsTheOnesAndLeavesOutTheOthers()
      throws IOException {
    Path tree = Files.createDirectories(folder.resolve("tree/sub")).getParent();
    Path outside = Files.createDirectories(folder.resolve("outside"));
    for (Path file :
        List.of(
            tree.resolve("b.png"),
            tree.resolve("sub/a.png"),
            tree.resolve("sub/a.txt"),
            tree.resolve("._b.png"),
            outside.resolve("c.png"))) {
      Files.createFile(file);
    }
    Files.createFile(Files.createDirectory(tree.resolve(".cache")).resolve("d.png"));
    Files.createSymbolicLink(tree.resolve("link"), outside.toAbsolutePath());
    Files.createSymbolicLink(tree.resolve("loop"), tree.toAbsolutePath());
    assertThat(FileTree.list(tree, name -> name.endsWith(".png")))
        .containsExactly(
            tree.resolve("b.png"), tree.resolve("link/c.png"), tree.resolve("sub/a.png"));
  }

  @Test
  void read_whenFileIsHugeOrNone_saysSoWithoutReadingIt() throws IOException {
    Path huge = folder.resolve("huge.json");
    try (var file = new RandomAccessFile(huge.toFile(), "rw")) {
      file.setLength(10L << 30);
    }
    assertThatThrownBy(() -> WholeFile.read(huge))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(huge + " has 10,737,418,240 bytes");
    assertThatThrownBy(() -> WholeFile.read(folder)).hasMessageContaining("not an ordinary file");
    assertThatThrownBy(() -> WholeFile.read(folder.resolve("x")))
        .hasMessage(folder.resolve("x") + " does not exist");
  }

  @Test
  void write_whenFileIsThere_replacesItAndLeavesNothingElse() throws IOException {
    Path file = folder.resolve("new/sub/file");
    WholeFile.write(file, new byte[] {1, 2});
    WholeFile.write(file, new byte[] {3});
    assertThat(Files.readAllBytes(file)).containsExactly(3);
    try (var files = Files.list(file.getParent())) {
      assertThat(files).containsExactly(file);
    }
    Path ordinary = Files.createFile(folder.resolve("ordinary"));
    assertThat(Files.getPosixFilePermissions(file))
        .isEqualTo(Files.getPosixFilePermissions(ordinary));
  }

  @Test
  void map_whateverTheThreads_keepsTheOrder() throws InterruptedException {
    List<Integer> items = IntStream.range(0, 100).boxed().toList();
    for (int threads : new int[] {1, 4}) {
      List<Integer> counted = new ArrayList<>();
      assertThat(ParallelWork.map(items, threads, i -> 2 * i, counted::add))
          .isEqualTo(items.stream().map(i -> 2 * i).toList());
      assertThat(counted).hasSize(100).endsWith(100);
    }
  }

  @Test
  void map_whenTaskThrows_passesItOn() {
    assertThatThrownBy(
            () -> ParallelWork.map(List.of("a.png"), 1, Integer::valueOf, finished -> {}))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("a.png")
        .hasCauseInstanceOf(NumberFormatException.class);
    assertThatThrownBy(() -> ParallelWork.map(List.of(), 0, x -> x, finished -> {}))
        .hasMessage("Invalid number of threads: 0 (must be 1 or more)");
  }

  @Test
  void forEach_whenItemsComeOneByOne_keepsTheOrderAndRunsAheadALittle() throws Exception {
    Iterator<Integer> numbers = IntStream.range(0, 2000).iterator();
    AtomicInteger asked = new AtomicInteger();
    List<Integer> results = new ArrayList<>();
    ParallelWork.forEach(
        () -> numbers.hasNext() ? Optional.of(numbers.next() + asked.getAndIncrement()) : none(),
        3,
        number -> number * 2,
        result -> {
          results.add(result);
          assertThat(asked.get() - results.size()).as("held").isLessThan(64 * 3);
        });
    assertThat(results).isEqualTo(IntStream.range(0, 2000).mapToObj(i -> 4 * i).toList());
  }

  private static Optional<Integer> none() {
    return Optional.empty();
  }

  @Test
  void forEach_whenAnItemFails_saysWhyAndLeavesTheRest() {
    Iterator<Integer> numbers = IntStream.range(0, 2000).iterator();
    List<Integer> results = new ArrayList<>();
    assertThatThrownBy(
            () ->
                ParallelWork.forEach(
                    () -> Optional.of(numbers.next()),
                    3,
                    number -> {
                      if (number == 500) {
                        throw new IOException("bad sector");
                      }
                      return number;
                    },
                    results::add))
        .isInstanceOf(ExecutionException.class)
        .cause()
        .hasMessage("bad sector");
    assertThat(results).hasSize(500);
    assertThat(numbers.next()).as("the first that was left").isLessThanOrEqualTo(500 + 64 * 3);
  }
}
