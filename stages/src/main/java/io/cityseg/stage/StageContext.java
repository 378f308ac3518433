package io.cityseg.stage;

import static java.util.Objects.requireNonNull;

import io.cityseg.store.ActionCache;
import io.cityseg.store.ArtifactStore;

/**
 * What a stage may use while it works.
 *
 * @param store where artifacts are read and written
 * @param actions records of what has been computed, for stages that commit as they go (training's
 *     epochs)
 * @param progress where to say how far it is
 * @param runId the run on whose behalf it works; goes into records, never into results
 */
public record StageContext(
    ArtifactStore store, ActionCache actions, ProgressSink progress, String runId) {
  public StageContext {
    requireNonNull(store, "store");
    requireNonNull(actions, "actions");
    requireNonNull(progress, "progress");
    requireNonNull(runId, "runId");
  }
}
