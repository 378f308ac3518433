package io.cityseg.graph;

import static org.assertj.core.api.Assertions.assertThat;

import io.cityseg.proto.ActionKey;
import io.cityseg.proto.ActionRecord;
import io.cityseg.proto.ArtifactRef;
import io.cityseg.proto.ExecutionFacts;
import io.cityseg.proto.Input;
import io.cityseg.store.ActionKeys;
import java.util.List;
import org.junit.jupiter.api.Test;

class KeyDifferenceTest {
  private static ActionKey key(String epochs, String rate, String images) {
    return ActionKey.newBuilder()
        .setStage("train")
        .setCodeVersion(1)
        .addParameters(ActionKeys.parameter("train.epochs", epochs))
        .addParameters(ActionKeys.parameter("train.learning_rate", rate))
        .addInputs(
            Input.newBuilder()
                .setRole("images")
                .setArtifact(ArtifactRef.newBuilder().setSha256(images)))
        .setSeed(42)
        .build();
  }

  private static ActionRecord record(ActionKey key, long startedAt) {
    return ActionRecord.newBuilder()
        .setKey(key)
        .setFacts(ExecutionFacts.newBuilder().setStartedAtMillis(startedAt))
        .build();
  }

  @Test
  void between_whenParameterInputSeedAndVersionDiffer_namesEach() {
    ActionKey now =
        key("6", "0.1", "b").toBuilder()
            .setSeed(43)
            .setCodeVersion(2)
            .addEnvironment(ActionKeys.parameter("pytorch", "2.7.1"))
            .build();

    assertThat(KeyDifference.between(key("3", "0.1", "a"), now))
        .containsExactly(
            new KeyDifference("code version", "1", "2"),
            new KeyDifference("train.epochs", "3", "6"),
            new KeyDifference("seed", "42", "43"),
            new KeyDifference("input images", "a", "b"),
            new KeyDifference("environment pytorch", "", "2.7.1"));
  }

  @Test
  void toNearest_whenSeveralAreRecorded_takesTheOneWithFewestDifferencesThenTheLatest() {
    ActionKey now = key("6", "0.1", "a");
    List<ActionRecord> earlier =
        List.of(
            record(key("3", "0.2", "b"), 3),
            record(key("5", "0.1", "a"), 1),
            record(key("4", "0.1", "a"), 2));

    assertThat(KeyDifference.toNearest(now, earlier))
        .contains(List.of(new KeyDifference("train.epochs", "4", "6")));
  }

  @Test
  void toNearest_whenNothingIsRecorded_isEmpty() {
    assertThat(KeyDifference.toNearest(key("1", "1", "a"), List.of())).isEmpty();
  }

  @Test
  void summary_whenThereAreMany_isShort() {
    List<KeyDifference> differences =
        List.of(
            new KeyDifference("train.epochs", "3", "6"),
            new KeyDifference("input images", "a", "b"),
            new KeyDifference("input weights", "", "c"),
            new KeyDifference("seed", "1", "2"));

    assertThat(KeyDifference.summary(differences))
        .isEqualTo("train.epochs 3 -> 6, input images changed, new input weights and 1 more");
  }
}
