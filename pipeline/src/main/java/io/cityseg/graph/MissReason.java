package io.cityseg.graph;

import io.cityseg.proto.ActionKey;
import io.cityseg.store.ActionCache;
import io.cityseg.store.StoreException;
import java.util.List;
import java.util.Optional;

/**
 * Why a call has to run, for people.
 *
 * @param text one line
 * @param differences to the nearest earlier action; empty when there is none, or when its own
 *     record is incomplete
 */
public record MissReason(String text, List<KeyDifference> differences) {
  public MissReason {
    differences = List.copyOf(differences);
  }

  /**
   * Explains a miss.
   *
   * @param said what the lookup said: "not in the store", or what is wrong with the result that is
   *     there
   */
  public static MissReason of(ActionKey key, String said, ActionCache actions)
      throws StoreException {
    if (!said.equals(ActionCache.NOT_RECORDED)) {
      return new MissReason(said, List.of());
    }
    Optional<List<KeyDifference>> differences =
        KeyDifference.toNearest(key, actions.records(key.getStage()));
    return differences
        .map(found -> new MissReason(KeyDifference.summary(found), found))
        .orElseGet(() -> new MissReason("first time", List.of()));
  }
}
