package io.cityseg.graph;

import static java.util.Objects.requireNonNull;

import io.cityseg.proto.ActionKey;
import io.cityseg.proto.GraphRequest;
import io.cityseg.proto.NodeMode;
import io.cityseg.proto.StageCall;
import io.cityseg.proto.StageOutcome;
import io.cityseg.proto.StageStatus;
import io.cityseg.stage.StageKeys;
import io.cityseg.store.ActionCache;
import io.cityseg.store.ActionKeys;
import io.cityseg.store.ArtifactStore;
import io.cityseg.store.StoreException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Walks the graph on the client, with the keys that the workers would make, and says what a run
 * would do. Runs nothing.
 */
public final class Planner {
  private final ArtifactStore store;
  private final ActionCache actions;

  public Planner(ArtifactStore store) {
    this.store = requireNonNull(store, "store");
    this.actions = new ActionCache(store);
  }

  /** What is foreseen for a call. */
  public enum Forecast {
    /** The store has the result. */
    CACHED,
    /** It will run. */
    RUNS,
    /**
     * Its key depends on what an earlier node will make: it runs unless that makes what it made
     * before.
     */
    WAITS
  }

  /**
   * One line of the plan.
   *
   * @param node the graph's node
   * @param subject what the stage is applied to, where it is applied more than once; else empty
   * @param reason why it runs, or what it waits for; empty when cached
   * @param key the action's key, when it is known
   * @param outcome the cached outcome, when there is one
   * @param differences to the nearest earlier action, when it runs and there is one
   */
  public record Line(
      Node node,
      String subject,
      Forecast forecast,
      String reason,
      Optional<ActionKey> key,
      Optional<StageOutcome> outcome,
      List<KeyDifference> differences) {}

  /**
   * What a run would do, node by node in the graph's order. Nodes that are off, and optional ones
   * without a result, have no line.
   *
   * @throws MissingResultException when a stage outside the selection has no result in the store
   */
  public List<Line> plan(GraphRequest request) throws StoreException, MissingResultException {
    List<Line> lines = new ArrayList<>();
    Map<String, List<StageOutcome>> known = new HashMap<>();
    for (Node node : Graph.nodes()) {
      NodeMode mode = node.mode(request);
      if (mode == NodeMode.OFF) {
        known.put(node.name(), List.of());
        continue;
      }
      Optional<String> awaited =
          node.upstream().stream().filter(name -> !known.containsKey(name)).findFirst();
      if (awaited.isPresent()) {
        if (mode == NodeMode.REQUIRE_CACHED) {
          throw new MissingResultException(node.name(), "what it reads is not in the store");
        }
        if (mode == NodeMode.IF_CACHED) {
          known.put(node.name(), List.of());
        } else {
          lines.add(waiting(node, awaited.get()));
        }
        continue;
      }
      List<Line> own = lines(node, request, new Results(known, store));
      if (own.stream().allMatch(line -> line.forecast() == Forecast.CACHED)) {
        known.put(node.name(), own.stream().map(line -> line.outcome().orElseThrow()).toList());
      } else if (mode == NodeMode.REQUIRE_CACHED) {
        throw new MissingResultException(node.name(), own.get(0).reason());
      } else if (mode == NodeMode.IF_CACHED) {
        known.put(node.name(), List.of());
        continue;
      }
      lines.addAll(own);
    }
    return lines;
  }

  private List<Line> lines(Node node, GraphRequest request, Results upstream)
      throws StoreException {
    List<Line> lines = new ArrayList<>();
    for (StageCall call : node.wiring().calls(request, upstream)) {
      lines.add(line(node, call));
    }
    return lines;
  }

  private Line line(Node node, StageCall call) throws StoreException {
    ActionKey key = StageKeys.of(node.stage(), call);
    if (call.getForce()) {
      return new Line(
          node,
          call.getSubject(),
          Forecast.RUNS,
          ActionCache.FORCED,
          Optional.of(key),
          Optional.empty(),
          List.of());
    }
    ActionCache.Lookup lookup = actions.lookup(key);
    if (lookup instanceof ActionCache.Hit hit) {
      return new Line(
          node,
          call.getSubject(),
          Forecast.CACHED,
          "",
          Optional.of(key),
          Optional.of(cached(node, call, key, hit)),
          List.of());
    }
    MissReason reason = MissReason.of(key, ((ActionCache.Miss) lookup).reason(), actions);
    return new Line(
        node,
        call.getSubject(),
        Forecast.RUNS,
        reason.text(),
        Optional.of(key),
        Optional.empty(),
        reason.differences());
  }

  private static Line waiting(Node node, String upstream) {
    return new Line(
        node,
        node.name().equals(Graph.BASELINE) ? Graph.BASELINE : "",
        Forecast.WAITS,
        "for what " + upstream + " makes",
        Optional.empty(),
        Optional.empty(),
        List.of());
  }

  /** The outcome of a call that the store has the result of. */
  public static StageOutcome cached(Node node, StageCall call, ActionKey key, ActionCache.Hit hit) {
    return StageOutcome.newBuilder()
        .setNode(node.name())
        .setStage(call.getStage())
        .setSubject(call.getSubject())
        .setStatus(StageStatus.CACHED)
        .setKey(ActionKeys.digest(key).hex())
        .setOutput(hit.record().getOutput())
        .build();
  }
}
