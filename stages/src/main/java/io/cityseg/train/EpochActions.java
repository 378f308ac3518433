package io.cityseg.train;

import io.cityseg.model.Safetensors;
import io.cityseg.model.Tensor;
import io.cityseg.proto.ActionKey;
import io.cityseg.proto.ActionRecord;
import io.cityseg.proto.ArtifactRef;
import io.cityseg.proto.EpochManifest;
import io.cityseg.proto.ExecutionFacts;
import io.cityseg.proto.Parameter;
import io.cityseg.proto.TrainedEpoch;
import io.cityseg.stage.StageContext;
import io.cityseg.stage.StageException;
import io.cityseg.stage.StageKeys;
import io.cityseg.store.ActionCache;
import io.cityseg.store.ActionKeys;
import io.cityseg.store.StoreException;
import io.cityseg.store.TemporaryFile;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One training's epochs in the store: each is an action, whose key is the training's without the
 * number of epochs, with the epoch's own number and the checkpoint before it. So raising {@code
 * train.epochs} continues, and a training that was killed goes on after its last finished epoch.
 */
final class EpochActions {
  private static final Logger LOG = LoggerFactory.getLogger(EpochActions.class);
  private static final String STAGE = "train.epoch";
  private static final String EPOCHS = "train.epochs";

  private final ActionKey training;
  private final StageContext context;

  /**
   * @param training the key of the whole training
   */
  EpochActions(ActionKey training, StageContext context) {
    this.training = training;
    this.context = context;
  }

  /**
   * The epochs that need not be trained again, from the first on; the optimiser's state of the last
   * is there when more are to follow.
   *
   * @param epochs how many are wanted
   */
  List<EpochManifest> finished(int epochs) throws StoreException {
    List<EpochManifest> found = new ArrayList<>();
    for (int epoch = 1; epoch <= epochs; epoch++) {
      if (!(context.actions().lookup(key(epoch, found)) instanceof ActionCache.Hit hit)) {
        break;
      }
      found.add(context.store().readManifest(hit.record().getOutput(), EpochManifest.parser()));
    }
    if (found.size() == epochs) {
      return found;
    }
    int usable = withState(found);
    if (usable < found.size()) {
      LOG.info(
          "Training {} although the store has {} epochs: of those after it the optimiser's state is gone",
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

  /** The last of the epochs whose optimiser's state can be read; 0 when there is none. */
  private int withState(List<EpochManifest> epochs) throws StoreException {
    int usable = epochs.size();
    while (usable > 0
        && context.store().problem(epochs.get(usable - 1).getOptimizerState()).isPresent()) {
      usable--;
    }
    return usable;
  }

  /** Stores the optimiser's state. */
  ArtifactRef putState(Adam adam) throws StageException, StoreException {
    try (TemporaryFile file = context.store().temporaryFile()) {
      Safetensors.write(file.path(), adam.state());
      return context.store().put("safetensors", file.path());
    }
  }

  /** The optimiser's state after an epoch. */
  Map<String, Tensor> readState(EpochManifest epoch) throws StageException, StoreException {
    return Safetensors.read(context.store().file(epoch.getOptimizerState()));
  }

  /**
   * Records an epoch, and then drops the optimiser's state of the one before, which nothing
   * continues from any more.
   *
   * @param before the epochs before it, all of them
   */
  void commit(EpochManifest epoch, List<EpochManifest> before, ExecutionFacts facts)
      throws StoreException {
    ArtifactRef output = context.store().putManifest(epoch);
    context.actions().commit(key(epoch.getEpoch(), before), output, facts);
    if (!before.isEmpty()) {
      ArtifactRef superseded = before.get(before.size() - 1).getOptimizerState();
      if (!superseded.equals(epoch.getOptimizerState())) {
        context.store().delete(superseded);
      }
    }
  }

  private ActionKey key(int epoch, List<EpochManifest> before) {
    return epoch == 1
        ? key(training, epoch, Optional.empty())
        : key(training, epoch, Optional.of(before.get(epoch - 2).getCheckpoint()));
  }

  private static ActionKey key(ActionKey training, int epoch, Optional<ArtifactRef> previous) {
    List<Parameter> parameters = new ArrayList<>(training.getParametersList());
    parameters.removeIf(parameter -> parameter.getName().equals(EPOCHS));
    parameters.add(ActionKeys.parameter(STAGE, Integer.toString(epoch)));
    parameters.sort(Comparator.comparing(Parameter::getName));
    ActionKey.Builder key =
        training.toBuilder().setStage(STAGE).clearParameters().addAllParameters(parameters);
    previous.ifPresent(checkpoint -> key.addInputs(StageKeys.input("previous", checkpoint)));
    return key.build();
  }
}
