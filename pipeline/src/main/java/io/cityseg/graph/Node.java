package io.cityseg.graph;

import static java.util.Objects.requireNonNull;

import io.cityseg.proto.GraphRequest;
import io.cityseg.proto.NodeMode;
import io.cityseg.proto.NodeSelection;
import io.cityseg.proto.StageCall;
import io.cityseg.stage.Stage;
import io.cityseg.store.StoreException;
import java.util.List;

/**
 * A box of the picture: a stage, what it reads, and how its calls are made from that.
 *
 * @param name unique in the graph; the stage's name, but for "baseline"
 * @param stage what it does
 * @param upstream names of the nodes whose results it reads
 * @param after names of nodes that are to end first although nothing of theirs is read
 * @param wiring makes the node's calls; empty when there is nothing to do
 */
public record Node(
    String name, Stage stage, List<String> upstream, List<String> after, Wiring wiring) {
  public Node {
    requireNonNull(name, "name");
    requireNonNull(stage, "stage");
    upstream = List.copyOf(upstream);
    after = List.copyOf(after);
    requireNonNull(wiring, "wiring");
  }

  /** The same node, which begins only when another has ended. */
  Node after(String other) {
    return new Node(name, stage, upstream, List.of(other), wiring);
  }

  /** Makes a node's calls from what its upstream nodes made. */
  @FunctionalInterface
  public interface Wiring {
    /**
     * The calls, in the order in which people see them; a pure function of the request, the results
     * and the store's blobs.
     */
    List<StageCall> calls(GraphRequest request, Results upstream) throws StoreException;
  }

  /** What the node does in a run; {@code COMPUTE} unless the request says otherwise. */
  public NodeMode mode(GraphRequest request) {
    for (NodeSelection selection : request.getNodesList()) {
      if (selection.getNode().equals(name)) {
        return selection.getMode();
      }
    }
    return NodeMode.COMPUTE;
  }
}
