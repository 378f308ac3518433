package io.cityseg.train;

import io.cityseg.proto.ActionKey;
import io.cityseg.proto.ActionRecord;
import io.cityseg.proto.ArtifactRef;
import io.cityseg.proto.EpochManifest;
import io.cityseg.proto.ExecutionFacts;
import io.cityseg.proto.Parameter;
import io.cityseg.proto.StepManifest;
import io.cityseg.stage.StageContext;
import io.cityseg.store.ActionKeys;
import io.cityseg.store.StoreException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The state of training within an epoch, in the store: one action, which is dropped when a later
 * one or the epoch is there. For one thread.
 */
final class StepActions {
  private static final String STAGE = "train.step";

  private final EpochActions epochs;
  private final StageContext context;

  /** The one that is there; null when none is. */
  private Stored current;

  private record Stored(ActionKey key, ArtifactRef output, StepManifest manifest) {}

  StepActions(EpochActions epochs, StageContext context) {
    this.epochs = epochs;
    this.context = context;
  }

  /**
   * The state of an epoch after the most steps that the store has, complete.
   *
   * @param before the epochs before it, all of them
   * @param anew whether only what this very run has trained counts
   */
  Optional<StepManifest> latest(int epoch, List<EpochManifest> before, boolean anew)
      throws StoreException {
    current = null;
    for (ActionRecord record : context.actions().records(STAGE)) {
      if (anew && !record.getFacts().getRunId().equals(context.runId())) {
        continue;
      }
      if (context.store().problem(record.getOutput()).isPresent()) {
        continue;
      }
      StepManifest manifest =
          context.store().readManifest(record.getOutput(), StepManifest.parser());
      boolean ours = manifest.getEpoch() == epoch && record.getKey().equals(key(manifest, before));
      if (ours && isLater(manifest) && isComplete(manifest)) {
        current = new Stored(record.getKey(), record.getOutput(), manifest);
      }
    }
    return Optional.ofNullable(current).map(Stored::manifest);
  }

  private boolean isLater(StepManifest manifest) {
    return current == null
        || manifest.getTally().getSteps() > current.manifest().getTally().getSteps();
  }

  private boolean isComplete(StepManifest manifest) throws StoreException {
    return new StoredCheckpoint(manifest.getCheckpoint(), context.store()).isThere()
        && context.store().problem(manifest.getOptimizerState()).isEmpty();
  }

  /** Records a state, and then drops the one before. */
  void commit(StepManifest manifest, List<EpochManifest> before, ExecutionFacts facts)
      throws StoreException {
    ActionKey key = key(manifest, before);
    ArtifactRef output = context.store().putManifest(manifest);
    context.actions().remove(key); // of the same state, which was not complete
    context.actions().commit(key, output, facts);
    Stored old = current;
    current = new Stored(key, output, manifest);
    if (old != null && !old.equals(current)) {
      drop(old);
    }
  }

  /**
   * Drops all states of an epoch that has been committed: the last one, and those that a training
   * which was killed while it stored, or begun anew, has left.
   *
   * @param before the epochs before it, at least
   */
  void drop(int epoch, List<EpochManifest> before) throws StoreException {
    current = null;
    ActionKey ofEpoch = epochs.key(epoch, before);
    for (ActionRecord record : context.actions().records(STAGE)) {
      if (!withoutStep(record.getKey()).equals(withoutStep(ofEpoch))) {
        continue;
      }
      if (context.store().problem(record.getOutput()).isEmpty()) {
        StepManifest manifest =
            context.store().readManifest(record.getOutput(), StepManifest.parser());
        drop(new Stored(record.getKey(), record.getOutput(), manifest));
      } else {
        context.actions().remove(record.getKey());
      }
    }
  }

  private void drop(Stored old) throws StoreException {
    context.actions().remove(old.key());
    new StoredCheckpoint(old.manifest().getCheckpoint(), context.store()).drop();
    context.store().delete(old.manifest().getOptimizerState());
    context.store().delete(old.output());
  }

  private ActionKey key(StepManifest manifest, List<EpochManifest> before) {
    ActionKey epoch = epochs.key(manifest.getEpoch(), before);
    List<Parameter> parameters = new ArrayList<>(epoch.getParametersList());
    parameters.add(ActionKeys.parameter(STAGE, Integer.toString(manifest.getTally().getSteps())));
    parameters.sort(Comparator.comparing(Parameter::getName));
    return epoch.toBuilder().setStage(STAGE).clearParameters().addAllParameters(parameters).build();
  }

  /** What the keys of an epoch and of all its states have in common. */
  private static ActionKey withoutStep(ActionKey key) {
    return key.toBuilder()
        .setStage(STAGE)
        .clearParameters()
        .addAllParameters(
            key.getParametersList().stream()
                .filter(parameter -> !parameter.getName().equals(STAGE))
                .toList())
        .build();
  }
}
