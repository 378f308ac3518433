package io.cityseg.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cityseg.proto.NodeMode;
import io.cityseg.proto.NodeSelection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class SelectionTest {
  private static Map<String, NodeMode> modes(Selection selection) {
    return selection.nodes().stream()
        .collect(Collectors.toMap(NodeSelection::getNode, NodeSelection::getMode));
  }

  @Test
  void nodes_whenEverythingIsSelected_compute() {
    assertThat(modes(Selection.ALL).values()).containsOnly(NodeMode.COMPUTE);
    assertThat(modes(Selection.ALL)).hasSameSizeAs(Graph.nodes());
  }

  @Test
  void nodes_whenFromAndToAreGiven_requireWhatIsBeforeAndLeaveOutWhatIsAfter() {
    Map<String, NodeMode> modes =
        modes(new Selection(Optional.of("init"), Optional.of("train"), List.of("train")));

    assertThat(modes)
        .containsEntry("shards", NodeMode.REQUIRE_CACHED)
        .containsEntry("init", NodeMode.COMPUTE)
        .containsEntry("train", NodeMode.FORCE)
        .containsEntry(Graph.BASELINE, NodeMode.OFF)
        .containsEntry("evaluate", NodeMode.OFF)
        .containsEntry("report", NodeMode.OFF);
  }

  @Test
  void nodes_whenEvaluateIsSelected_theBaselineIsToo() {
    Map<String, NodeMode> modes =
        modes(new Selection(Optional.of("evaluate"), Optional.of("evaluate"), List.of()));

    assertThat(modes)
        .containsEntry("train", NodeMode.REQUIRE_CACHED)
        .containsEntry(Graph.BASELINE, NodeMode.COMPUTE)
        .containsEntry("evaluate", NodeMode.COMPUTE);
  }

  @Test
  void construct_whenStageIsUnknown_listsTheStages() {
    assertThatThrownBy(() -> new Selection(Optional.of("shard"), Optional.empty(), List.of()))
        .hasMessage(
            "--from shard: there is no such stage (stages: ingest, trainids, shards, init, train, evaluate, report)");
  }

  @Test
  void graph_everyNodeComesAfterWhatItReads() {
    List<String> names = Graph.nodes().stream().map(Node::name).toList();
    for (Node node : Graph.nodes()) {
      assertThat(names.subList(0, names.indexOf(node.name())))
          .as("before %s", node.name())
          .containsAll(node.upstream())
          .containsAll(node.after());
    }
  }
}
