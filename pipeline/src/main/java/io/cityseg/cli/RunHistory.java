package io.cityseg.cli;

import io.cityseg.journal.Journal;
import io.cityseg.proto.RunRecord;
import io.cityseg.store.ArtifactStore;
import io.cityseg.store.StoreException;
import java.util.List;

/** Finds recorded runs. */
final class RunHistory {
  private RunHistory() {}

  /**
   * The run of that id, of which that is the only one to begin with the text, or the newest one for
   * "latest".
   *
   * @throws UsageException when there is none, or more than one
   */
  static RunRecord find(ArtifactStore store, String text) throws UsageException, StoreException {
    List<RunRecord> all = Journal.all(store);
    if (all.isEmpty()) {
      throw new UsageException("There is no run in " + store.objects().location());
    }
    if (text.equals("latest")) {
      return all.get(all.size() - 1);
    }
    if (text.isBlank()) {
      throw new UsageException(
          "RUN is empty (must be a run's id, the beginning of one, or latest)");
    }
    List<RunRecord> found = all.stream().filter(run -> run.getId().startsWith(text)).toList();
    if (found.isEmpty()) {
      throw new UsageException(
          "Run %s: there is none in %s (`cityseg runs` lists them)"
              .formatted(text, store.objects().location()));
    }
    if (found.size() > 1) {
      throw new UsageException(
          "Run %s: there are %d in %s, from %s to %s; give more of the id (`cityseg runs` lists them)"
              .formatted(
                  text,
                  found.size(),
                  store.objects().location(),
                  found.get(0).getId(),
                  found.get(found.size() - 1).getId()));
    }
    return found.get(0);
  }
}
