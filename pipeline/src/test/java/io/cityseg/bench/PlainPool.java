package io.cityseg.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.cityseg.config.ConfigLoader;
import io.cityseg.graph.Graph;
import io.cityseg.graph.Node;
import io.cityseg.graph.Results;
import io.cityseg.proto.ActionKey;
import io.cityseg.proto.ArtifactRef;
import io.cityseg.proto.GraphRequest;
import io.cityseg.proto.Piece;
import io.cityseg.proto.PipelineConfig;
import io.cityseg.proto.StageCall;
import io.cityseg.proto.StageOutcome;
import io.cityseg.run.Preparation;
import io.cityseg.run.Workspace;
import io.cityseg.stage.ProgressSink;
import io.cityseg.stage.StageContext;
import io.cityseg.stage.StageKeys;
import io.cityseg.stage.Stopwatch;
import io.cityseg.store.ActionCache;
import io.cityseg.store.ArtifactStore;
import io.cityseg.store.ObjectStorages;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * What the pipeline is measured against: the same stages, pieces, lookups and commits, from a pool
 * of threads in a loop, without Beam. Prints seconds and requests to the store for each stage.
 *
 * <p>usage: PlainPool STORE DATA THREADS [KEY=VALUE]...
 */
public final class PlainPool {
  private static final List<String> STAGES = List.of("ingest", "trainids", "shards");

  private final ActionCache actions;
  private final StageContext context;
  private final ExecutorService pool;
  private final CountedObjects counted = new CountedObjects();

  private PlainPool(Path storeFolder, int threads) throws Exception {
    ArtifactStore store =
        new ArtifactStore(counted.over(ObjectStorages.open(storeFolder.toString())));
    this.actions = new ActionCache(store);
    this.context = new StageContext(store, actions, ProgressSink.NONE, "plain");
    this.pool = Executors.newFixedThreadPool(threads);
  }

  /** Runs ingest, trainids and shards. */
  public static void main(String[] arguments) throws Exception {
    Path store = Path.of(arguments[0]);
    PlainPool plain = new PlainPool(store, Integer.parseInt(arguments[2]));
    PipelineConfig config =
        ConfigLoader.resolve(
            "quickstart", Optional.empty(), List.of(arguments).subList(3, arguments.length));
    PipelineConfig.Builder withData = config.toBuilder();
    withData.getDataBuilder().clearPaths().addPaths(arguments[1]);
    GraphRequest request =
        new Preparation(
                plain.context.store(),
                new Workspace(store.resolveSibling("home").toAbsolutePath()),
                notice -> {})
            .request("plain", withData.build(), List.of(), List.of());
    plain.counted.take();
    System.out.println(new ObjectMapper().writeValueAsString(plain.run(request)));
    plain.pool.shutdown();
  }

  private Map<String, Object> run(GraphRequest request) throws Exception {
    Map<String, Object> report = new LinkedHashMap<>();
    Map<String, List<StageOutcome>> outcomes = new HashMap<>();
    for (String stage : STAGES) {
      Node node = Graph.node(stage);
      long began = System.nanoTime();
      StageCall call = node.wiring().calls(request, new Results(outcomes, context.store())).get(0);
      ArtifactRef output = compute(node, call);
      outcomes.put(stage, List.of(StageOutcome.newBuilder().setOutput(output).build()));
      report.put(
          stage,
          Map.of(
              "seconds",
              (System.nanoTime() - began) / 1e9,
              "artifact",
              output.getSha256(),
              "requests",
              counted.take()));
    }
    return report;
  }

  private ArtifactRef compute(Node node, StageCall call) throws Exception {
    ActionKey key = StageKeys.of(node.stage(), call);
    if (actions.lookup(key) instanceof ActionCache.Hit) {
      throw new IllegalStateException("The store is not empty: it has " + node.name());
    }
    Stopwatch clock = Stopwatch.start("plain");
    List<Future<ArtifactRef>> running = new ArrayList<>();
    for (Piece piece : node.stage().split(call, context)) {
      running.add(pool.submit(() -> compute(node, piece)));
    }
    List<ArtifactRef> results = new ArrayList<>();
    for (Future<ArtifactRef> piece : running) {
      results.add(piece.get());
    }
    ArtifactRef output = node.stage().gather(call, results, context);
    return actions.commit(key, output, clock.facts()).getOutput();
  }

  private ArtifactRef compute(Node node, Piece piece) throws Exception {
    if (actions.lookup(piece.getKey()) instanceof ActionCache.Hit hit) {
      return hit.record().getOutput();
    }
    Stopwatch clock = Stopwatch.start("plain");
    ArtifactRef output = node.stage().run(piece, context);
    return actions.commit(piece.getKey(), output, clock.facts()).getOutput();
  }
}
