package io.cityseg.train;

import io.cityseg.proto.ArtifactRef;
import io.cityseg.proto.CheckpointManifest;
import io.cityseg.store.ArtifactStore;
import io.cityseg.store.StoreException;

/**
 * A checkpoint that may have been dropped.
 *
 * @param ref its CheckpointManifest
 */
record StoredCheckpoint(ArtifactRef ref, ArtifactStore store) {
  /** Whether the store has it, complete. */
  boolean isThere() throws StoreException {
    return store.problem(ref).isEmpty() && store.problem(manifest().getWeights()).isEmpty();
  }

  /** Drops it, weights first: a manifest without weights is no checkpoint. */
  void drop() throws StoreException {
    if (store.problem(ref).isEmpty()) {
      store.delete(manifest().getWeights());
      store.delete(ref);
    }
  }

  private CheckpointManifest manifest() throws StoreException {
    return store.readManifest(ref, CheckpointManifest.parser());
  }
}
