package io.cityseg.graph;

/** A stage that is not to run has no result in the store. */
public class MissingResultException extends Exception {
  public MissingResultException(String node, String reason) {
    super(
        "Stage %s has no result in the store (%s), and the stages asked for need it; run it first, or begin with --from %s"
            .formatted(node, reason, node.equals(Graph.BASELINE) ? "evaluate" : node));
  }
}
