package io.cityseg.beam;

import io.cityseg.journal.Journal;
import io.cityseg.journal.StoredProgress;
import io.cityseg.proto.GraphRequest;
import io.cityseg.stage.StageContext;
import io.cityseg.store.ActionCache;
import io.cityseg.store.ArtifactStore;
import io.cityseg.store.ObjectStorage;
import io.cityseg.store.ObjectStorages;
import io.cityseg.store.StoreException;

/**
 * What a worker's thread works with: the store, and where to write what it did. Opened from the
 * store's address, since workers may be in other processes than the client.
 */
final class Workplace {
  private final ArtifactStore store;
  private final ActionCache actions;
  private final Journal journal;
  private final StoredProgress progress;
  private final String runId;

  private Workplace(ObjectStorage objects, String runId, String node) {
    this.store = new ArtifactStore(objects);
    this.actions = new ActionCache(store);
    this.journal = new Journal(objects, runId);
    this.progress = new StoredProgress(journal, node);
    this.runId = runId;
  }

  static Workplace open(String storeUri, GraphRequest request, String node) throws StoreException {
    return new Workplace(ObjectStorages.open(storeUri), request.getRunId(), node);
  }

  ArtifactStore store() {
    return store;
  }

  ActionCache actions() {
    return actions;
  }

  Journal journal() {
    return journal;
  }

  StoredProgress progress() {
    return progress;
  }

  StageContext context() {
    return new StageContext(store, actions, progress, runId);
  }
}
