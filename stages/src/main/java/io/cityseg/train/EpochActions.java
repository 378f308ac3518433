package io.cityseg.train;

import io.cityseg.model.Safetensors;
import io.cityseg.model.Tensor;
import io.cityseg.proto.ActionKey;
import io.cityseg.proto.ActionRecord;
import io.cityseg.proto.ArtifactRef;
import io.cityseg.proto.EpochManifest;
import io.cityseg.proto.ExecutionFacts;
import io.cityseg.proto.Input;
import io.cityseg.proto.Parameter;
import io.cityseg.proto.TrainedEpoch;
import io.cityseg.proto.TrainingManifest;
import io.cityseg.stage.StageContext;
import io.cityseg.stage.StageException;
import io.cityseg.stage.StageKeys;
import io.cityseg.store.ActionCache;
import io.cityseg.store.ActionKeys;
import io.cityseg.store.ArtifactStore;
import io.cityseg.store.StoreException;
import io.cityseg.store.TemporaryFile;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One training's epochs in the store: each is an action, whose key is the training's with the
 * epoch's own number and the checkpoint before it, and without what an epoch does not depend on:
 * how many there are (but with a schedule that goes by their number), when training ends early, and
 * which checkpoints are kept. So raising {@code train.epochs} continues, and a training that was
 * killed goes on after its last finished epoch.
 */
final class EpochActions {
  private static final Logger LOG = LoggerFactory.getLogger(EpochActions.class);
  private static final String STAGE = "train.epoch";
  private static final String EPOCHS = "train.epochs";
  private static final Set<String> OF_THE_WHOLE =
      Set.of("train.early_stopping_patience", "train.best_by", "train.keep", "train.keep_every");
  private static final Parameter POLY = ActionKeys.parameter("train.schedule", "poly");

  private final ActionKey training;
  private final EpochRules rules;
  private final StageContext context;

  /**
   * @param training the key of the whole training
   * @param rules when it ends, and which checkpoints are kept
   */
  EpochActions(ActionKey training, EpochRules rules, StageContext context) {
    this.training = training;
    this.rules = rules;
    this.context = context;
  }

  /**
   * The epochs that need not be trained again, from the first on: all of the training with the
   * checkpoints that are to be kept, or those up to one that training can go on from.
   *
   * @param anew whether only those count that this very run has trained
   */
  List<EpochManifest> finished(boolean anew) throws StoreException {
    List<EpochManifest> found = new ArrayList<>();
    while (!rules.end(found)) {
      ActionKey key = key(found.size() + 1, found);
      ActionCache.Lookup lookup =
          anew
              ? context.actions().lookupForced(key, context.runId())
              : context.actions().lookup(key);
      if (!(lookup instanceof ActionCache.Hit hit)) {
        break;
      }
      found.add(context.store().readManifest(hit.record().getOutput(), EpochManifest.parser()));
    }
    if (rules.end(found) && hasKept(found)) {
      return found;
    }
    int usable = found.size();
    while (usable > 0 && !isContinuable(found.subList(0, usable))) {
      usable--;
    }
    if (usable < found.size()) {
      LOG.info(
          "Training {} although the store has {} epochs: of those after it the optimiser's state or a checkpoint is gone",
          usable == 0 ? "begins anew" : "goes on after epoch " + usable,
          found.size());
    } else if (usable > 0) {
      LOG.info("Training goes on after epoch {}, which the store has", usable);
    }
    return List.copyOf(found.subList(0, usable));
  }

  /**
   * The records of a training's epochs, in their order; nothing for one that is no longer there.
   *
   * @param training the key of the whole training
   */
  static List<Optional<ActionRecord>> records(
      ActionKey training, List<TrainedEpoch> epochs, ActionCache actions) throws StoreException {
    List<Optional<ActionRecord>> records = new ArrayList<>();
    Optional<ArtifactRef> previous = Optional.empty();
    for (TrainedEpoch epoch : epochs) {
      ActionKey key = key(training, epoch.getEpoch(), previous);
      records.add(actions.record(STAGE, ActionKeys.digest(key)));
      previous = Optional.of(epoch.getCheckpoint());
    }
    return records;
  }

  /**
   * The records of the epochs of a training that the store has, in their order, whether or not
   * training can go on from them.
   *
   * @param training the key of the whole training
   */
  static Map<EpochManifest, ActionRecord> soFar(
      ActionKey training, EpochRules rules, ArtifactStore store) throws StoreException {
    var actions = new ActionCache(store);
    Map<EpochManifest, ActionRecord> found = new LinkedHashMap<>();
    Optional<ArtifactRef> previous = Optional.empty();
    while (!rules.end(List.copyOf(found.keySet()))) {
      ActionKey key = key(training, found.size() + 1, previous);
      Optional<ActionRecord> record = actions.record(STAGE, ActionKeys.digest(key));
      if (record.isEmpty() || store.problem(record.get().getOutput()).isPresent()) {
        break;
      }
      EpochManifest epoch = store.readManifest(record.get().getOutput(), EpochManifest.parser());
      found.put(epoch, record.get());
      previous = Optional.of(epoch.getCheckpoint());
    }
    return found;
  }

  private boolean isContinuable(List<EpochManifest> epochs) throws StoreException {
    ArtifactRef state = epochs.get(epochs.size() - 1).getOptimizerState();
    return context.store().problem(state).isEmpty() && hasKept(epochs);
  }

  /** Whether the checkpoints that are to be kept of these epochs are there. */
  private boolean hasKept(List<EpochManifest> epochs) throws StoreException {
    for (int epoch : rules.kept(epochs)) {
      if (!checkpoint(epochs.get(epoch - 1)).isThere()) {
        return false;
      }
    }
    return true;
  }

  /**
   * Stores the optimiser's state.
   *
   * @param state its tensors
   */
  ArtifactRef putState(Map<String, Tensor> state) throws StageException, StoreException {
    try (TemporaryFile file = context.store().temporaryFile()) {
      Safetensors.write(file.path(), state);
      return context.store().put("safetensors", file.path());
    }
  }

  /** A stored optimiser's state. */
  Map<String, Tensor> readState(ArtifactRef state) throws StageException, StoreException {
    return Safetensors.read(context.store().file(state));
  }

  /**
   * Records an epoch, and then drops what nothing continues from or asks for any more: the
   * optimiser's state of the one before, and the checkpoints that are not kept.
   *
   * @param before the epochs before it, all of them
   */
  void commit(EpochManifest epoch, List<EpochManifest> before, ExecutionFacts facts)
      throws StoreException {
    ActionKey key = key(epoch.getEpoch(), before);
    removeWhenDropped(key);
    ArtifactRef output = context.store().putManifest(epoch);
    context.actions().commit(key, output, facts);
    if (!before.isEmpty()) {
      ArtifactRef superseded = before.get(before.size() - 1).getOptimizerState();
      if (!superseded.equals(epoch.getOptimizerState())) {
        context.store().delete(superseded);
      }
      dropCheckpoints(epoch, before);
    }
  }

  /** A record whose checkpoint has been dropped must not stand in the way of the new one. */
  private void removeWhenDropped(ActionKey key) throws StoreException {
    if (context.actions().lookup(key) instanceof ActionCache.Hit hit) {
      var first = context.store().readManifest(hit.record().getOutput(), EpochManifest.parser());
      if (!checkpoint(first).isThere()) {
        context.actions().remove(key);
      }
    }
  }

  private void dropCheckpoints(EpochManifest epoch, List<EpochManifest> before)
      throws StoreException {
    List<EpochManifest> now = new ArrayList<>(before);
    now.add(epoch);
    Set<Integer> superseded = rules.kept(before);
    superseded.removeAll(rules.kept(now));
    if (superseded.isEmpty()) {
      return;
    }
    Set<ArtifactRef> needed = new HashSet<>();
    training.getInputsList().stream().map(Input::getArtifact).forEach(needed::add);
    rules.kept(now).forEach(kept -> needed.add(now.get(kept - 1).getCheckpoint()));
    needed.addAll(keptByTrainings());
    for (int old : superseded) {
      StoredCheckpoint checkpoint = checkpoint(before.get(old - 1));
      if (!needed.contains(checkpoint.ref())) {
        checkpoint.drop();
      }
    }
  }

  /** The checkpoints that the results of trainings hold, this one with fewer epochs among them. */
  private Set<ArtifactRef> keptByTrainings() throws StoreException {
    Set<ArtifactRef> kept = new HashSet<>();
    for (ActionRecord record : context.actions().records(training.getStage())) {
      if (context.store().problem(record.getOutput()).isEmpty()) {
        TrainingManifest result =
            context.store().readManifest(record.getOutput(), TrainingManifest.parser());
        result.getEpochsList().stream().map(TrainedEpoch::getCheckpoint).forEach(kept::add);
      }
    }
    return kept;
  }

  private StoredCheckpoint checkpoint(EpochManifest epoch) {
    return new StoredCheckpoint(epoch.getCheckpoint(), context.store());
  }

  /**
   * The key of an epoch.
   *
   * @param before the epochs before it, at least
   */
  ActionKey key(int epoch, List<EpochManifest> before) {
    return epoch == 1
        ? key(training, epoch, Optional.empty())
        : key(training, epoch, Optional.of(before.get(epoch - 2).getCheckpoint()));
  }

  private static ActionKey key(ActionKey training, int epoch, Optional<ArtifactRef> previous) {
    List<Parameter> parameters = new ArrayList<>(training.getParametersList());
    boolean poly = parameters.contains(POLY);
    parameters.removeIf(
        parameter ->
            OF_THE_WHOLE.contains(parameter.getName())
                || (parameter.getName().equals(EPOCHS) && !poly));
    parameters.add(ActionKeys.parameter(STAGE, Integer.toString(epoch)));
    parameters.sort(Comparator.comparing(Parameter::getName));
    ActionKey.Builder key =
        training.toBuilder().setStage(STAGE).clearParameters().addAllParameters(parameters);
    previous.ifPresent(checkpoint -> key.addInputs(StageKeys.input("previous", checkpoint)));
    return key.build();
  }
}
