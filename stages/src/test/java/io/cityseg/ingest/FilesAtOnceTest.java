package io.cityseg.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FilesAtOnceTest {
  private static final int FILES = 2000;
  private static final int MOST_AHEAD = 64 * 3;

  private int asked;

  private FilesAtOnce.Source<Integer> files() {
    Iterator<Integer> numbers = IntStream.range(0, FILES).iterator();
    return () -> {
      asked++;
      return numbers.hasNext() ? Optional.of(numbers.next()) : Optional.empty();
    };
  }

  @Test
  void read_whenThereAreManyFiles_givesResultsInOrderAndRunsAheadALittle() throws Exception {
    List<Integer> results = new ArrayList<>();
    FilesAtOnce.read(
        files(),
        3,
        number -> number * 2,
        result -> {
          results.add(result);
          assertThat(asked - results.size()).isLessThanOrEqualTo(MOST_AHEAD);
        });
    assertThat(results).isEqualTo(IntStream.range(0, FILES).mapToObj(i -> i * 2).toList());
  }

  @Test
  void read_whenAFileCannotBeRead_saysWhyAndLeavesTheRest() {
    List<Integer> results = new ArrayList<>();
    assertThatThrownBy(
            () ->
                FilesAtOnce.read(
                    files(),
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
    assertThat(asked).isLessThanOrEqualTo(500 + MOST_AHEAD);
  }
}
