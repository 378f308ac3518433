package io.cityseg.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.cityseg.proto.EpochHistory;
import io.cityseg.proto.EpochManifest;
import io.cityseg.proto.TrainConfig;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EpochRulesTest {
  /** The best by mIoU is the second, the best by loss the third. */
  private static final double[] MEAN_IOU = {0.1, 0.4, 0.3, 0.4, 0.2, 0.1};

  private static final double[] LOSS = {3, 2, 1, 1.5, Double.NaN, 2};

  @Test
  void kept_whateverTheRule_holdsTheLast() {
    assertThat(rules(config()).kept(done(4))).containsExactlyInAnyOrder(1, 2, 3, 4);
    assertThat(rules(config().setKeep("last")).kept(done(4))).containsExactly(4);
    assertThat(rules(config().setKeep("best")).kept(done(5))).containsExactlyInAnyOrder(2, 5);
    assertThat(rules(config().setKeep("best").setBestBy("val_loss")).kept(done(5)))
        .containsExactlyInAnyOrder(3, 5);
    assertThat(rules(config().setKeep("every").setKeepEvery(2)).kept(done(5)))
        .containsExactlyInAnyOrder(2, 4, 5);
    assertThat(rules(config()).kept(List.of())).isEmpty();
  }

  @Test
  void end_withoutPatience_isTheNumberOfEpochs() {
    EpochRules rules = rules(config().setEpochs(6));
    assertThat(rules.end(done(5))).isFalse();
    assertThat(rules.end(done(6))).isTrue();
  }

  @Test
  void end_withPatience_comesWhenSoManyEpochsWereNotBetter() {
    EpochRules rules = rules(config().setEpochs(20).setEarlyStoppingPatience(3));
    assertThat(rules.end(List.of())).isFalse();
    assertThat(rules.end(done(4))).as("the fourth equals the best, and is not better").isFalse();
    assertThat(rules.end(done(5))).isTrue();
    EpochRules byLoss =
        rules(config().setEpochs(20).setEarlyStoppingPatience(3).setBestBy("val_loss"));
    assertThat(byLoss.end(done(5))).isFalse();
    assertThat(byLoss.end(done(6))).isTrue();
  }

  private static TrainConfig.Builder config() {
    return TrainConfigs.defaults();
  }

  private static EpochRules rules(TrainConfig.Builder config) {
    return EpochRules.of(config.build());
  }

  private static List<EpochManifest> done(int epochs) {
    List<EpochManifest> done = new ArrayList<>();
    for (int i = 0; i < epochs; i++) {
      var history =
          EpochHistory.newBuilder().setEpoch(i + 1).setValMeanIou(MEAN_IOU[i]).setValLoss(LOSS[i]);
      done.add(EpochManifest.newBuilder().setEpoch(i + 1).setHistory(history).build());
    }
    return done;
  }
}
