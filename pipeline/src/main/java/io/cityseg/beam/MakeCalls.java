package io.cityseg.beam;

import io.cityseg.graph.Results;
import io.cityseg.proto.GraphRequest;
import io.cityseg.proto.StageCall;
import io.cityseg.proto.StageOutcome;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.beam.sdk.values.PCollectionView;

/** Makes a node's calls from what its upstream nodes made, which arrives as side inputs. */
final class MakeCalls extends NodeFn<String, StageCall> {
  private final Map<String, PCollectionView<List<StageOutcome>>> upstream;

  MakeCalls(
      String node,
      String storeUri,
      GraphRequest request,
      Map<String, PCollectionView<List<StageOutcome>>> upstream) {
    super(node, storeUri, request);
    this.upstream = Map.copyOf(upstream);
  }

  @ProcessElement
  public void process(ProcessContext c) {
    perform(
        "",
        () -> {
          Map<String, List<StageOutcome>> outcomes = new HashMap<>();
          upstream.forEach((name, view) -> outcomes.put(name, c.sideInput(view)));
          Results results = new Results(outcomes, workplace().store());
          node().wiring().calls(request(), results).forEach(c::output);
        });
  }
}
