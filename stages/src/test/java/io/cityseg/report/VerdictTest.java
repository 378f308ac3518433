package io.cityseg.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.cityseg.proto.ArtifactRef;
import io.cityseg.proto.EvaluationManifest;
import io.cityseg.proto.SplitManifest;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class VerdictTest {
  private static final String MEASURE = "paper measure: 20 classes, void counted, at 128x256";

  @Test
  void sentence_whenACheckpointIsBetter_namesItsDistanceAndMeasure() {
    assertThat(verdict(0.015, 0.12, 0.234).sentence())
        .isEqualTo(
            "epoch 2 reaches 23.4 % mIoU ("
                + MEASURE
                + "), 21.9 points above the baseline's 1.5 %"
                + " (15.6 times).");
  }

  @Test
  void sentence_whenTheBaselineIsZero_namesNoFactor() {
    assertThat(verdict(0, 0.5).sentence())
        .isEqualTo(
            "epoch 1 reaches 50.0 % mIoU ("
                + MEASURE
                + "), 50.0 points above the baseline's 0.0 %.");
  }

  @Test
  void sentence_whenTheOnlyCheckpointIsWorse_saysThatItDoesNotBeatTheBaseline() {
    Verdict verdict = verdict(0.3, 0.2);

    assertThat(verdict.isImprovement()).isFalse();
    assertThat(verdict.sentence())
        .isEqualTo(
            "epoch 1 does not beat the baseline: it reaches 20.0 % mIoU ("
                + MEASURE
                + "), 10.0 points below the baseline's 30.0 %.");
  }

  @Test
  void sentence_whenSeveralAreWorse_saysThatNoneBeatsTheBaseline() {
    assertThat(verdict(0.3, 0.1, 0.2996).sentence())
        .isEqualTo(
            "No checkpoint beats the baseline: the best of 2, epoch 2, reaches 30.0 % mIoU ("
                + MEASURE
                + "), less than 0.1 points below the baseline's 30.0 %.");
  }

  @Test
  void sentence_whenEqual_isNoImprovement() {
    assertThat(verdict(0.3, 0.3).sentence()).contains("does not beat", "exactly the baseline's");
  }

  @Test
  void sentence_whenNoCheckpointHasAnIou_saysThatNoneCouldBeCompared() {
    assertThat(verdict(0.3, Double.NaN).sentence()).startsWith("No checkpoint could be compared");
  }

  @Test
  void sentence_whenTheBaselineHasNoIou_namesTheCheckpointAlone() {
    assertThat(verdict(Double.NaN, 0.3).sentence())
        .startsWith("epoch 1 reaches 30.0 % mIoU")
        .endsWith("the baseline has no mIoU to compare it with.");
  }

  @Test
  void best_whenTwoAreEqual_isTheFirst() {
    Comparison comparison = verdict(0.1, 0.2, 0.4, 0.4).comparison();

    assertThat(comparison.shown().subject()).isEqualTo("epoch 2");
    assertThat(comparison.bestFirst())
        .extracting(Evaluated::subject)
        .containsExactly("baseline", "epoch 2", "epoch 1", "epoch 3");
  }

  /** NaN stands for an absent mIoU. */
  private static Verdict verdict(double baseline, double... checkpoints) {
    int[] epoch = {0};
    return new Verdict(
        new Comparison(
            evaluated("baseline", baseline),
            Arrays.stream(checkpoints)
                .mapToObj(meanIou -> evaluated("checkpoint:epoch " + ++epoch[0], meanIou))
                .toList()),
        SplitManifest.newBuilder().setHeight(128).setWidth(256).build());
  }

  private static Evaluated evaluated(String role, double meanIou) {
    EvaluationManifest.Builder manifest = EvaluationManifest.newBuilder();
    if (!Double.isNaN(meanIou)) {
      manifest.setMeanIou(meanIou);
    }
    return new Evaluated(role, ArtifactRef.getDefaultInstance(), manifest.build());
  }
}
