package io.cityseg.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cityseg.proto.ConfusionMatrix;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConfusionCountsTest {
  @Test
  void add_whenPixelsAreGiven_countsRowsOfTargetsAndColumnsOfPredictions() {
    ConfusionCounts counts = new ConfusionCounts(3);
    counts.add(new byte[] {0, 0, 1, 2}, new byte[] {0, 2, 1, 1});
    assertThat(counts.toProto().getCountsList())
        .containsExactly(1L, 0L, 1L, 0L, 1L, 0L, 0L, 1L, 0L);
    assertThat(counts.targetPixels(0)).isEqualTo(2);
    assertThat(counts.predictedPixels(1)).isEqualTo(2);
  }

  @Test
  void merge_whenImagesAreCountedApart_isAsIfTogether() {
    ConfusionCounts apart = new ConfusionCounts(2);
    ConfusionCounts other = new ConfusionCounts(2);
    apart.add(new byte[] {0, 1}, new byte[] {1, 1});
    other.add(new byte[] {1}, new byte[] {0});
    apart.merge(other);
    ConfusionCounts together = new ConfusionCounts(2);
    together.add(new byte[] {0, 1, 1}, new byte[] {1, 1, 0});
    assertThat(apart.toProto()).isEqualTo(together.toProto());
    assertThat(ConfusionCounts.of(apart.toProto()).toProto()).isEqualTo(apart.toProto());
  }

  @Test
  void add_whenAClassIsOutOfRange_namesIt() {
    assertThatThrownBy(() -> new ConfusionCounts(20).add(new byte[] {(byte) 255}, new byte[] {3}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid classes: ground truth 255, prediction 3 (must be 0..19)");
  }

  @Test
  void add_whenLengthsDiffer_refuses() {
    assertThatThrownBy(() -> new ConfusionCounts(20).add(new byte[2], new byte[3]))
        .hasMessageContaining("3 pixels for a ground truth of 2");
  }

  @Test
  void of_whenTheMessageIsNotSquare_refuses() {
    ConfusionMatrix matrix =
        ConfusionMatrix.newBuilder().setClasses(2).addAllCounts(List.of(1L, 2L)).build();
    assertThatThrownBy(() -> ConfusionCounts.of(matrix))
        .hasMessageContaining("2 counts for 2 classes (must be 4)");
  }
}
