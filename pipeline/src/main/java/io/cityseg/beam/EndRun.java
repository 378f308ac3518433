package io.cityseg.beam;

import io.cityseg.journal.CompletedRecord;
import io.cityseg.journal.Journal;
import io.cityseg.proto.GraphRequest;
import io.cityseg.proto.RunRecord;
import io.cityseg.proto.StageOutcome;
import io.cityseg.proto.StageStatus;
import io.cityseg.store.ArtifactStore;
import io.cityseg.store.ObjectStorages;
import io.cityseg.store.StoreException;
import java.util.List;
import java.util.Optional;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.values.PCollectionView;

/**
 * Completes the run's record when all nodes have ended, so that a run is complete without the
 * client that submitted it.
 */
final class EndRun extends DoFn<String, Void> {
  private final String storeUri;
  private final GraphRequest request;
  private final boolean detached;
  private final PCollectionView<List<StageOutcome>> all;

  /**
   * @param detached whether no client reads the journal any more
   * @param all every node's outcomes: read only to be waited for
   */
  EndRun(
      String storeUri,
      GraphRequest request,
      boolean detached,
      PCollectionView<List<StageOutcome>> all) {
    this.storeUri = storeUri;
    this.request = request;
    this.detached = detached;
    this.all = all;
  }

  @ProcessElement
  public void process(ProcessContext c) throws StoreException {
    int ended = c.sideInput(all).size();
    ArtifactStore store = new ArtifactStore(ObjectStorages.open(storeUri));
    Journal journal = new Journal(store.objects(), request.getRunId());
    // A failed attempt's line stays where a later attempt wrote under another subject.
    List<StageOutcome> outcomes =
        journal.inGraphOrder().stream()
            .filter(outcome -> outcome.getStatus() != StageStatus.FAILED)
            .toList();
    Optional<RunRecord> begun = journal.record();
    if (begun.isEmpty() || outcomes.size() != ended) {
      throw new IllegalStateException(
          "Run %s ended with %d outcomes, and its journal in %s has %d"
              .formatted(request.getRunId(), ended, storeUri, outcomes.size()));
    }
    journal.write(CompletedRecord.of(begun.get(), outcomes, store));
    if (detached) {
      journal.clear();
    }
  }
}
