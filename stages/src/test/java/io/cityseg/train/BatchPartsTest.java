package io.cityseg.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cityseg.train.BatchParts.Chunk;
import java.util.List;
import org.junit.jupiter.api.Test;

class BatchPartsTest {
  @Test
  void of_withEightReplicas_cutsAsTorchsChunk() {
    var parts = new BatchParts(1, 8);
    assertThat(sizes(parts, 24)).containsExactly(3, 3, 3, 3, 3, 3, 3, 3);
    assertThat(sizes(parts, 23)).containsExactly(3, 3, 3, 3, 3, 3, 3, 2);
    assertThat(sizes(parts, 9)).containsExactly(2, 2, 2, 2, 1);
    assertThat(parts.of(24)).filteredOn(Chunk::remembered).containsExactly(new Chunk(0, 3, true));
  }

  @Test
  void of_withAccumulation_hasNoPartOfOneImage() {
    var parts = new BatchParts(3, 1);
    assertThat(sizes(parts, 7)).containsExactly(2, 2, 3);
    assertThat(sizes(parts, 5)).containsExactly(2, 3);
    assertThat(sizes(parts, 3)).containsExactly(3);
    assertThat(parts.of(7)).allMatch(Chunk::remembered);
  }

  @Test
  void of_withBoth_cutsEveryPartIntoReplicas() {
    assertThat(new BatchParts(2, 2).of(8))
        .containsExactly(
            new Chunk(0, 2, true),
            new Chunk(2, 2, false),
            new Chunk(4, 2, true),
            new Chunk(6, 2, false));
  }

  @Test
  void fit_whenAReplicaWouldHaveOneImage_isFalse() {
    assertThat(new BatchParts(1, 8).fit(24)).isTrue();
    assertThat(new BatchParts(1, 8).fit(9)).isFalse();
  }

  @Test
  void parts_whenThereAreNone_refuses() {
    assertThatThrownBy(() -> new BatchParts(0, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("accumulate 0");
  }

  @Test
  void problems_ofThePapersPreset_areNone() {
    var paper = TrainConfigs.defaults().setBatchSize(24).setReplicas(8).build();
    assertThat(TrainChecks.problems(paper)).isEmpty();
    assertThat(TrainChecks.problems(paper, 2975)).isEmpty();
    assertThat(TrainChecks.problems(paper, 24 + 9))
        .singleElement()
        .asString()
        .contains("a batch of 9 images into chunks of [2, 2, 2, 2, 1]")
        .contains("lower train.replicas");
  }

  @Test
  void problems_ofParametersThatDoNotGoTogether_areAllNamed() {
    var config =
        TrainConfigs.defaults()
            .setOptimizer("sgd")
            .setNesterov(true)
            .setMomentum(0)
            .setClassWeights("1, 2")
            .setOhemThreshold(0.7)
            .setAccumulate(2)
            .build();
    assertThat(TrainChecks.problems(config))
        .hasSize(3)
        .anyMatch(problem -> problem.contains("Invalid train.class_weights: '1, 2'"))
        .anyMatch(problem -> problem.contains("train.nesterov"))
        .anyMatch(problem -> problem.contains("train.accumulate 2"));
  }

  private static List<Integer> sizes(BatchParts parts, int images) {
    return parts.of(images).stream().map(Chunk::size).toList();
  }
}
