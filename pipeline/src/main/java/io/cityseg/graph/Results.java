package io.cityseg.graph;

import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import io.cityseg.proto.ArtifactRef;
import io.cityseg.proto.StageOutcome;
import io.cityseg.store.ArtifactStore;
import io.cityseg.store.StoreException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What upstream nodes made, and the store to read it from. */
public final class Results {
  private final Map<String, List<StageOutcome>> outcomes;
  private final ArtifactStore store;

  /**
   * Results of some nodes.
   *
   * @param outcomes by node; the order within a node does not matter
   */
  public Results(Map<String, List<StageOutcome>> outcomes, ArtifactStore store) {
    this.outcomes = Map.copyOf(outcomes);
    this.store = store;
  }

  /** The result of a node that makes one; nothing when it was left out. */
  Optional<ArtifactRef> optional(String node) {
    return outcomes.getOrDefault(node, List.of()).stream().findFirst().map(StageOutcome::getOutput);
  }

  /** The result of a node that makes one. */
  ArtifactRef only(String node) {
    return optional(node)
        .orElseThrow(() -> new IllegalStateException("Node " + node + " has no result"));
  }

  /** The result of a node's call of that subject; nothing when there is none. */
  Optional<ArtifactRef> of(String node, String subject) {
    return outcomes.getOrDefault(node, List.of()).stream()
        .filter(outcome -> outcome.getSubject().equals(subject))
        .findFirst()
        .map(StageOutcome::getOutput);
  }

  <T extends Message> T read(ArtifactRef ref, Parser<T> parser) throws StoreException {
    return store.readManifest(ref, parser);
  }
}
