package io.cityseg.graph;

import io.cityseg.proto.NodeMode;
import io.cityseg.proto.NodeSelection;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Which stages a run is about.
 *
 * @param from the first stage that may run; the ones before it must be in the store
 * @param to the last stage that may run; the ones after it are left out
 * @param force stages that run even where the store has their results
 */
public record Selection(Optional<String> from, Optional<String> to, List<String> force) {
  /** Every stage, none by force. */
  public static final Selection ALL = new Selection(Optional.empty(), Optional.empty(), List.of());

  public Selection {
    force = List.copyOf(force);
    List<String> stages = Graph.stageNames();
    from.ifPresent(stage -> known("--from", stage));
    to.ifPresent(stage -> known("--to", stage));
    force.forEach(stage -> known("--force", stage));
    if (from.isPresent()
        && to.isPresent()
        && stages.indexOf(from.get()) > stages.indexOf(to.get())) {
      throw new IllegalArgumentException(
          "--from %s comes after --to %s (the order is %s)"
              .formatted(from.get(), to.get(), String.join(", ", stages)));
    }
  }

  /** What every node does. */
  public List<NodeSelection> nodes() {
    List<String> stages = Graph.stageNames();
    int first = from.map(stages::indexOf).orElse(0);
    int last = to.map(stages::indexOf).orElse(stages.size() - 1);
    List<NodeSelection> selections = new ArrayList<>();
    for (Node node : Graph.nodes()) {
      int place = stages.indexOf(node.stage().name());
      NodeMode mode =
          place < first
              ? NodeMode.REQUIRE_CACHED
              : place > last
                  ? NodeMode.OFF
                  : force.contains(node.stage().name()) ? NodeMode.FORCE : NodeMode.COMPUTE;
      selections.add(NodeSelection.newBuilder().setNode(node.name()).setMode(mode).build());
    }
    return selections;
  }

  private static void known(String option, String stage) {
    if (!Graph.stageNames().contains(stage)) {
      throw new IllegalArgumentException(
          "%s %s: there is no such stage (stages: %s)"
              .formatted(option, stage, String.join(", ", Graph.stageNames())));
    }
  }
}
