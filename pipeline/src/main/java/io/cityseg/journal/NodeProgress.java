package io.cityseg.journal;

import io.cityseg.proto.CountedPieces;
import io.cityseg.proto.Progress;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How far a node is, from what its writers said last. A writer may have been lost with its machine,
 * and another does its work again: pieces are counted once, whoever names them, and of a stage that
 * is not cut the latest word counts.
 */
final class NodeProgress {
  private final Map<String, PieceSet> calls = new LinkedHashMap<>();
  private Progress latest = Progress.getDefaultInstance();

  private NodeProgress() {}

  /** One message a node, in the order of their names. */
  static List<Progress> of(List<Progress> writers) {
    Map<String, NodeProgress> nodes = new LinkedHashMap<>();
    writers.stream()
        .sorted(
            Comparator.comparing(Progress::getStage).thenComparingLong(Progress::getToldAtMillis))
        .forEach(line -> nodes.computeIfAbsent(line.getStage(), n -> new NodeProgress()).add(line));
    return nodes.values().stream().map(NodeProgress::sum).toList();
  }

  private void add(Progress line) {
    latest = line;
    for (CountedPieces pieces : line.getCallsList()) {
      calls.computeIfAbsent(pieces.getCall(), call -> new PieceSet()).addAll(pieces);
    }
  }

  private Progress sum() {
    if (calls.isEmpty()) {
      return latest;
    }
    return latest.toBuilder()
        .clearCalls()
        .setDone(calls.values().stream().mapToLong(PieceSet::done).sum())
        .setTotal(calls.values().stream().mapToLong(PieceSet::total).sum())
        .build();
  }
}
