package io.cityseg.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cityseg.train.EpochOrder.Pick;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EpochOrderTest {
  @Test
  void of_whenEpochIsDrawnTwice_isTheSame() {
    assertThat(EpochOrder.of(50, 8, 0.5, 42, 3)).isEqualTo(EpochOrder.of(50, 8, 0.5, 42, 3));
  }

  @Test
  void of_whenEpochOrSeedDiffers_isAnother() {
    EpochOrder order = EpochOrder.of(50, 8, 0.5, 42, 3);
    assertThat(EpochOrder.of(50, 8, 0.5, 42, 4)).isNotEqualTo(order);
    assertThat(EpochOrder.of(50, 8, 0.5, 43, 3)).isNotEqualTo(order);
  }

  /** Keys promise that the same seed gives the same training: these numbers must never change. */
  @Test
  void of_whenSeedIsOne_isThisOrder() {
    EpochOrder order = EpochOrder.of(5, 2, 0.5, 1, 1);
    assertThat(order.batches())
        .isEqualTo(
            List.of(
                List.of(new Pick(4, false), new Pick(3, false)),
                List.of(new Pick(1, false), new Pick(2, false), new Pick(0, true))));
  }

  @ParameterizedTest
  @CsvSource({
    "48, 4, 12, 4", // divides
    "50, 8, 7, 2", // the last batch is smaller
    "49, 8, 6, 9", // a single image joins the batch before
    "3, 2, 1, 3",
    "2, 24, 1, 2",
    "2975, 24, 124, 23", // the reference run's 124 batches
  })
  void of_whateverIsLeftOver_coversEveryItemInBatchesOfAtLeastTwo(
      int items, int batchSize, int steps, int last) {
    EpochOrder order = EpochOrder.of(items, batchSize, 0.5, 42, 1);
    assertThat(order.batches()).hasSize(steps);
    assertThat(EpochOrder.steps(items, batchSize)).isEqualTo(steps);
    assertThat(order.batches().get(steps - 1)).hasSize(last);
    assertThat(order.batches().subList(0, steps - 1)).allMatch(b -> b.size() == batchSize);
    assertThat(order.batches().stream().flatMap(List::stream).map(Pick::item))
        .containsExactlyInAnyOrderElementsOf(IntStream.range(0, items).boxed().toList());
  }

  @Test
  void of_whenProbabilityIsAQuarter_mirrorsAboutAQuarter() {
    assertThat(mirrored(0.25)).isBetween(200L, 300L);
    assertThat(mirrored(0)).isZero();
    assertThat(mirrored(1)).isEqualTo(1000);
  }

  @Test
  void of_whenThereIsOneItem_refuses() {
    assertThatThrownBy(() -> EpochOrder.of(1, 2, 0.5, 42, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1 items");
  }

  private static long mirrored(double probability) {
    return EpochOrder.of(1000, 10, probability, 42, 1).batches().stream()
        .flatMap(List::stream)
        .filter(Pick::mirrored)
        .count();
  }
}
