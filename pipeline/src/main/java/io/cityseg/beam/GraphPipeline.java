package io.cityseg.beam;

import io.cityseg.graph.Graph;
import io.cityseg.graph.Node;
import io.cityseg.proto.GraphRequest;
import io.cityseg.proto.NodeMode;
import io.cityseg.proto.StageCall;
import io.cityseg.proto.StageOutcome;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.coders.StringUtf8Coder;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.transforms.Flatten;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.View;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollectionList;
import org.apache.beam.sdk.values.PCollectionView;

/** The graph, as one Beam pipeline. */
public final class GraphPipeline {
  private GraphPipeline() {}

  /**
   * Adds every node that is not off to a pipeline, each after those that it reads.
   *
   * @param storeUri where the workers find the store
   */
  public static void build(
      Pipeline pipeline, GraphRequest request, String storeUri, FanOut fanOut) {
    nodes(pipeline, request, storeUri, fanOut);
  }

  /**
   * The same, for a run that may outlive its client: when all nodes have ended, the run's record is
   * completed.
   *
   * @param detached whether no client waits from the beginning
   */
  public static void buildJob(
      Pipeline pipeline, GraphRequest request, String storeUri, FanOut fanOut, boolean detached) {
    PCollectionView<List<StageOutcome>> all =
        PCollectionList.of(nodes(pipeline, request, storeUri, fanOut))
            .apply("all outcomes", Flatten.pCollections())
            .apply("all ended", View.asList());
    pipeline
        .apply("run", Create.of(request.getRunId()).withCoder(StringUtf8Coder.of()))
        .apply(
            "record",
            ParDo.of(new EndRun(storeUri, request, detached, all)).withSideInputs(List.of(all)));
  }

  /** Adds the nodes, and returns their outcomes. */
  private static List<PCollection<StageOutcome>> nodes(
      Pipeline pipeline, GraphRequest request, String storeUri, FanOut fanOut) {
    List<Node> nodes =
        Graph.nodes().stream().filter(node -> node.mode(request) != NodeMode.OFF).toList();
    Set<String> read =
        nodes.stream()
            .flatMap(node -> Stream.concat(node.upstream().stream(), node.after().stream()))
            .collect(Collectors.toSet());
    Map<String, PCollectionView<List<StageOutcome>>> views = new HashMap<>();
    List<PCollection<StageOutcome>> all = new ArrayList<>();
    for (Node node : nodes) {
      PCollection<StageOutcome> outcomes =
          calls(pipeline, node, views, request, storeUri)
              .apply(node.name(), new ComputeNode(node, storeUri, request, fanOut));
      // What nobody reads stays a loose end: Flink runs nothing that does not lead to one.
      if (read.contains(node.name())) {
        views.put(node.name(), outcomes.apply(node.name() + " outcomes", View.asList()));
      }
      all.add(outcomes);
    }
    return all;
  }

  private static PCollection<StageCall> calls(
      Pipeline pipeline,
      Node node,
      Map<String, PCollectionView<List<StageOutcome>>> views,
      GraphRequest request,
      String storeUri) {
    Map<String, PCollectionView<List<StageOutcome>>> upstream = new HashMap<>(views);
    upstream
        .keySet()
        .removeIf(name -> !node.upstream().contains(name) && !node.after().contains(name));
    return pipeline
        .apply(node.name() + " begins", Create.of(node.name()).withCoder(StringUtf8Coder.of()))
        .apply(
            node.name() + " calls",
            ParDo.of(new MakeCalls(node.name(), storeUri, request, upstream))
                .withSideInputs(upstream.values()))
        .setCoder(MessageCoder.of(StageCall.class));
  }
}
