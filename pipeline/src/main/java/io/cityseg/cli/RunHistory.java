package io.cityseg.cli;

import io.cityseg.proto.RunRecord;
import io.cityseg.run.Journal;
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
    List<RunRecord> found = all.stream().filter(run -> run.getId().startsWith(text)).toList();
    if (found.size() != 1) {
      throw new UsageException(
          "Run %s: %s in %s (`cityseg runs` lists them)"
              .formatted(
                  text,
                  found.isEmpty() ? "there is none" : "there are " + found.size(),
                  store.objects().location()));
    }
    return found.get(0);
  }
}
