package io.cityseg.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.cityseg.proto.ActionKey;
import io.cityseg.proto.ArtifactRef;
import io.cityseg.proto.CheckpointManifest;
import io.cityseg.proto.EpochManifest;
import io.cityseg.proto.ExecutionFacts;
import io.cityseg.proto.TrainedEpoch;
import io.cityseg.proto.TrainingManifest;
import io.cityseg.stage.ProgressSink;
import io.cityseg.stage.StageContext;
import io.cityseg.store.ActionCache;
import io.cityseg.store.ActionKeys;
import io.cityseg.store.ArtifactStore;
import io.cityseg.store.LocalObjects;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EpochActionsTest {
  @TempDir Path folder;

  private ArtifactStore store;
  private StageContext context;

  @BeforeEach
  void open() throws Exception {
    store = new ArtifactStore(LocalObjects.open(folder));
    context = new StageContext(store, new ActionCache(store), ProgressSink.NONE, "run");
  }

  @Test
  void finished_whenFewerEpochsWereTrained_areThoseThatAreThere() throws Exception {
    List<EpochManifest> trained = commit(actions(3), 3);
    assertThat(actions(5).finished(false)).isEqualTo(trained);
    assertThat(actions(2).finished(false)).isEqualTo(trained.subList(0, 2));
    assertThat(store.problem(trained.get(2).getOptimizerState())).isEmpty();
    assertThat(store.problem(trained.get(1).getOptimizerState()))
        .as("superseded by the third epoch's")
        .isPresent();
  }

  @Test
  void finished_whenTheLastStateIsGone_beginsAnew() throws Exception {
    List<EpochManifest> trained = commit(actions(3), 3);
    store.delete(trained.get(2).getOptimizerState());
    assertThat(actions(5).finished(false)).isEmpty();
    assertThat(actions(3).finished(false)).as("nothing is left to train").isEqualTo(trained);
  }

  @Test
  void finished_whenTheLastStateIsGoneButAnEarlierIsThere_goesOnFromThat() throws Exception {
    List<EpochManifest> trained = commit(actions(3), 3);
    store.delete(trained.get(2).getOptimizerState());
    state(2);
    assertThat(actions(5).finished(false)).isEqualTo(trained.subList(0, 2));
  }

  @Test
  void finished_whenACheckpointIsGone_stopsBeforeIt() throws Exception {
    List<EpochManifest> trained = commit(actions(3), 3);
    store.delete(trained.get(1).getCheckpoint());
    state(1);
    assertThat(actions(3).finished(false)).isEqualTo(trained.subList(0, 1));
  }

  @Test
  void finished_whenForced_areThoseThatThisRunHasTrained() throws Exception {
    List<EpochManifest> trained = commit(actions(3), 3);
    assertThat(actions(3).finished(true)).as("another run's").isEmpty();

    ExecutionFacts ours = ExecutionFacts.newBuilder().setRunId("run").build();
    for (EpochManifest epoch : trained.subList(0, 2)) {
      state(epoch.getEpoch());
      actions(3).commit(epoch, trained.subList(0, epoch.getEpoch() - 1), ours);
    }

    assertThat(actions(3).finished(true)).isEqualTo(trained.subList(0, 2));
  }

  @Test
  void commit_whenOnlyTheLastIsKept_dropsTheCheckpointBefore() throws Exception {
    List<EpochManifest> trained = commit(actions(3, "last"), 3);
    assertThat(isThere(trained.get(0))).isFalse();
    assertThat(isThere(trained.get(1))).isFalse();
    assertThat(actions(5, "last").finished(false)).as("goes on").isEqualTo(trained);
    assertThat(actions(3, "all").finished(false)).as("the first two are wanted again").isEmpty();
  }

  @Test
  void commit_whenADroppedCheckpointIsMadeAgain_hasItAgain() throws Exception {
    commit(actions(3, "last"), 3);
    List<EpochManifest> again = commit(actions(3, "all"), 3);
    assertThat(actions(3, "all").finished(false)).isEqualTo(again);
  }

  @Test
  void commit_whenAFinishedTrainingHoldsTheCheckpoint_leavesIt() throws Exception {
    EpochActions two = actions(2, "last");
    List<EpochManifest> trained = commit(two, 2);
    TrainingManifest result =
        TrainingManifest.newBuilder()
            .addEpochs(
                TrainedEpoch.newBuilder().setEpoch(2).setCheckpoint(trained.get(1).getCheckpoint()))
            .build();
    context
        .actions()
        .commit(key(2), store.putManifest(result), ExecutionFacts.getDefaultInstance());
    commit(actions(3, "last"), 3);
    assertThat(isThere(trained.get(1))).isTrue();
    assertThat(actions(2, "last").finished(false)).isEqualTo(trained);
  }

  @Test
  void finished_withThePolySchedule_dependsOnTheNumberOfEpochs() throws Exception {
    var poly = ActionKeys.parameter("train.schedule", "poly");
    var three =
        new EpochActions(key(3).toBuilder().addParameters(poly).build(), rules(3, "all"), context);
    var five =
        new EpochActions(key(5).toBuilder().addParameters(poly).build(), rules(5, "all"), context);
    commit(three, 3);
    assertThat(three.finished(false)).hasSize(3);
    assertThat(five.finished(false)).isEmpty();
  }

  @Test
  void finished_whenOnlyWhatIsKeptDiffers_findsTheEpochs() throws Exception {
    commit(actions(3), 3);
    ActionKey other =
        key(3).toBuilder()
            .addParameters(ActionKeys.parameter("train.keep", "best"))
            .addParameters(ActionKeys.parameter("train.early_stopping_patience", "4"))
            .build();
    assertThat(new EpochActions(other, rules(3, "last"), context).finished(false)).hasSize(3);
  }

  @Test
  void finished_whenAnotherParameterDiffers_isEmpty() throws Exception {
    commit(actions(3), 1);
    ActionKey other =
        key(3).toBuilder()
            .addParameters(ActionKeys.parameter("train.learning_rate", "0.5"))
            .build();
    assertThat(new EpochActions(other, rules(3, "all"), context).finished(false)).isEmpty();
  }

  private EpochActions actions(int epochs) {
    return actions(epochs, "all");
  }

  private EpochActions actions(int epochs, String keep) {
    return new EpochActions(key(epochs), rules(epochs, keep), context);
  }

  private boolean isThere(EpochManifest epoch) throws Exception {
    return new StoredCheckpoint(epoch.getCheckpoint(), store).isThere();
  }

  private static EpochRules rules(int epochs, String keep) {
    return EpochRules.of(TrainConfigs.defaults().setEpochs(epochs).setKeep(keep).build());
  }

  private static ActionKey key(int epochs) {
    return ActionKeys.of(
        "train",
        1,
        List.of(
            ActionKeys.parameter("train.batch_size", "2"),
            ActionKeys.parameter("train.epochs", Integer.toString(epochs))),
        List.of(),
        List.of());
  }

  private List<EpochManifest> commit(EpochActions actions, int epochs) throws Exception {
    List<EpochManifest> trained = new ArrayList<>();
    for (int epoch = 1; epoch <= epochs; epoch++) {
      ArtifactRef weights = store.put("safetensors", bytes("weights " + epoch));
      EpochManifest manifest =
          EpochManifest.newBuilder()
              .setEpoch(epoch)
              .setCheckpoint(
                  store.putManifest(CheckpointManifest.newBuilder().setWeights(weights).build()))
              .setOptimizerState(state(epoch))
              .build();
      actions.commit(manifest, List.copyOf(trained), ExecutionFacts.getDefaultInstance());
      trained.add(manifest);
    }
    return trained;
  }

  private ArtifactRef state(int epoch) throws Exception {
    return store.put("safetensors", bytes("state " + epoch));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
