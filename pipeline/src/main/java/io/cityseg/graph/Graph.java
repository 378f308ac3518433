package io.cityseg.graph;

import static io.cityseg.stage.StageKeys.input;

import com.google.protobuf.Descriptors.FieldDescriptor;
import io.cityseg.evaluate.EvaluateStage;
import io.cityseg.evaluate.Measures;
import io.cityseg.ingest.IngestStage;
import io.cityseg.labels.TrainIdsStage;
import io.cityseg.model.InitStage;
import io.cityseg.proto.ArtifactRef;
import io.cityseg.proto.DatasetManifest;
import io.cityseg.proto.GraphRequest;
import io.cityseg.proto.Input;
import io.cityseg.proto.NamedCheckpoint;
import io.cityseg.proto.NodeMode;
import io.cityseg.proto.PipelineConfig;
import io.cityseg.proto.ShardsManifest;
import io.cityseg.proto.SplitCount;
import io.cityseg.proto.SplitShards;
import io.cityseg.proto.StageCall;
import io.cityseg.proto.TrainedEpoch;
import io.cityseg.proto.TrainingManifest;
import io.cityseg.report.ReportStage;
import io.cityseg.shards.ShardsStage;
import io.cityseg.stage.Stage;
import io.cityseg.store.StoreException;
import io.cityseg.train.BestEpoch;
import io.cityseg.train.TrainStage;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The picture of the design, as code:
 *
 * <pre>
 * ingest ─► trainids ─► shards ──┬─► train ─► evaluate ─┐
 *                                │     ▲                ├─► report
 * init ──────────────────────────┼─────┴─► baseline ────┘
 *                                └─► (val shards go to baseline and evaluate;
 *                                     with the measure cityscapes, ingest's val files, too)
 * </pre>
 *
 * <p>A node's inputs are the narrowest artifacts that it reads (the images, not the data set; the
 * val split, not the shards), so that what it does not read cannot make it run.
 */
public final class Graph {
  /** The subject of the initial checkpoint's evaluation. */
  public static final String BASELINE = "baseline";

  private static final List<String> STAGES =
      List.of("ingest", "trainids", "shards", "init", "train", "evaluate", "report");

  private static final List<Node> NODES =
      List.of(
          node("ingest", new IngestStage(), Graph::ingest),
          node("trainids", new TrainIdsStage(), Graph::trainIds, "ingest"),
          node("shards", new ShardsStage(), Graph::shards, "ingest", "trainids"),
          node("init", new InitStage(), Graph::init),
          node(BASELINE, new EvaluateStage(), Graph::evaluateBaseline, "ingest", "shards", "init"),
          // After the baseline: side by side they would only wait for each other's turn at the
          // engine.
          node("train", new TrainStage(), Graph::train, "shards", "init").after(BASELINE),
          node("evaluate", new EvaluateStage(), Graph::evaluateEach, "ingest", "shards", "train"),
          node(
              "report", new ReportStage(), Graph::report, "shards", "train", BASELINE, "evaluate"));

  private Graph() {}

  /** The nodes, every one after those that it reads. */
  public static List<Node> nodes() {
    return NODES;
  }

  /** The node of that name. */
  public static Node node(String name) {
    return NODES.stream()
        .filter(node -> node.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("The graph has no node '" + name + "'"));
  }

  /** The stages' names, in the graph's order; what --from, --to, --only and --force take. */
  public static List<String> stageNames() {
    return STAGES;
  }

  private static Node node(String name, Stage stage, Node.Wiring wiring, String... upstream) {
    return new Node(name, stage, List.of(upstream), List.of(), wiring);
  }

  private static List<StageCall> ingest(GraphRequest request, Results upstream) {
    return List.of(
        call("ingest", "", request)
            .addInputs(input("sources", request.getSources()))
            .addAllLocations(request.getLocationsList())
            .build());
  }

  private static List<StageCall> trainIds(GraphRequest request, Results upstream)
      throws StoreException {
    DatasetManifest dataset = upstream.read(upstream.only("ingest"), DatasetManifest.parser());
    return List.of(
        call("trainids", "", request).addInputs(input("labels", dataset.getLabels())).build());
  }

  private static List<StageCall> shards(GraphRequest request, Results upstream)
      throws StoreException {
    DatasetManifest dataset = upstream.read(upstream.only("ingest"), DatasetManifest.parser());
    return List.of(
        call("shards", "", request)
            .addInputs(input("images", dataset.getImages()))
            .addInputs(input("trainids", upstream.only("trainids")))
            .build());
  }

  private static List<StageCall> init(GraphRequest request, Results upstream) {
    StageCall.Builder call = call("init", "", request);
    if (request.hasWeights()) {
      call.addInputs(input("weights", request.getWeights()));
    }
    return List.of(call.build());
  }

  private static List<StageCall> train(GraphRequest request, Results upstream)
      throws StoreException {
    return List.of(
        call("train", "", request)
            .addInputs(input("initial", upstream.only("init")))
            .addInputs(input("train", split(upstream, "train")))
            .addInputs(input("val", split(upstream, "val")))
            .build());
  }

  private static List<StageCall> evaluateBaseline(GraphRequest request, Results upstream)
      throws StoreException {
    return List.of(evaluation(request, upstream, BASELINE, upstream.only("init")));
  }

  private static List<StageCall> evaluateEach(GraphRequest request, Results upstream)
      throws StoreException {
    List<StageCall> calls = new ArrayList<>();
    for (NamedCheckpoint checkpoint : checkpoints(request, upstream)) {
      calls.add(evaluation(request, upstream, checkpoint.getSubject(), checkpoint.getCheckpoint()));
    }
    return calls;
  }

  private static List<StageCall> report(GraphRequest request, Results upstream)
      throws StoreException {
    StageCall.Builder call =
        call("report", "", request)
            .addInputs(input("train", split(upstream, "train")))
            .addInputs(input("val", split(upstream, "val")));
    upstream.optional("train").ifPresent(ref -> call.addInputs(input("history", ref)));
    call.addInputs(input("baseline", upstream.only(BASELINE)));
    for (NamedCheckpoint checkpoint : checkpoints(request, upstream)) {
      String subject = checkpoint.getSubject();
      Optional<Input> evaluation =
          upstream.of("evaluate", subject).map(ref -> input("checkpoint:" + subject, ref));
      evaluation.ifPresent(call::addInputs);
    }
    return List.of(call.build());
  }

  /**
   * The checkpoints that are evaluated beside the baseline: those of the training that the
   * configuration asks for, then those given.
   */
  private static List<NamedCheckpoint> checkpoints(GraphRequest request, Results upstream)
      throws StoreException {
    List<NamedCheckpoint> checkpoints = new ArrayList<>();
    Optional<ArtifactRef> training = upstream.optional("train");
    if (training.isPresent()) {
      List<TrainedEpoch> epochs =
          upstream.read(training.get(), TrainingManifest.parser()).getEpochsList();
      for (TrainedEpoch epoch : chosen(epochs, request.getConfig())) {
        checkpoints.add(
            NamedCheckpoint.newBuilder()
                .setSubject("epoch " + epoch.getEpoch())
                .setCheckpoint(epoch.getCheckpoint())
                .build());
      }
    }
    checkpoints.addAll(request.getCheckpointsList());
    return checkpoints;
  }

  /**
   * Of the epochs whose checkpoints are kept; the configuration sees to it that the best one is.
   */
  private static List<TrainedEpoch> chosen(List<TrainedEpoch> epochs, PipelineConfig config) {
    String which = config.getEvaluate().getCheckpoints();
    List<TrainedEpoch> kept = epochs.stream().filter(TrainedEpoch::hasCheckpoint).toList();
    return switch (which) {
      case "all" -> kept;
      case "last" -> kept.subList(kept.size() - 1, kept.size());
      case "best" ->
          kept.stream()
              .max(
                  Comparator.comparing(
                      TrainedEpoch::getHistory, BestEpoch.order(config.getTrain().getBestBy())))
              .stream()
              .toList();
      default ->
          throw new IllegalArgumentException(
              "evaluate.checkpoints is '" + which + "' (must be last, best or all)");
    };
  }

  private static StageCall evaluation(
      GraphRequest request, Results upstream, String subject, ArtifactRef checkpoint)
      throws StoreException {
    StageCall.Builder call =
        call("evaluate", subject, request)
            .addInputs(input(EvaluateStage.CHECKPOINT, checkpoint))
            .addInputs(input(EvaluateStage.VAL, split(upstream, "val")));
    if (Measures.cityscapes(request.getConfig().getEvaluate())) {
      call.addInputs(input(EvaluateStage.SOURCES, sources(upstream, "val")));
    }
    return call.build();
  }

  private static ArtifactRef sources(Results upstream, String name) throws StoreException {
    DatasetManifest dataset = upstream.read(upstream.only("ingest"), DatasetManifest.parser());
    return dataset.getSplitsList().stream()
        .filter(split -> split.getSplit().equals(name))
        .findFirst()
        .map(SplitCount::getSources)
        .orElseThrow(() -> new IllegalStateException("The data set has no split '" + name + "'"));
  }

  private static ArtifactRef split(Results upstream, String name) throws StoreException {
    ShardsManifest shards = upstream.read(upstream.only("shards"), ShardsManifest.parser());
    return shards.getSplitsList().stream()
        .filter(split -> split.getSplit().equals(name))
        .findFirst()
        .map(SplitShards::getManifest)
        .orElseThrow(() -> new IllegalStateException("The shards have no split '" + name + "'"));
  }

  /**
   * A call that sees its own section of the configuration alone: what it cannot see cannot be
   * missing from its key.
   */
  private static StageCall.Builder call(String stage, String subject, GraphRequest request) {
    PipelineConfig.Builder own = PipelineConfig.newBuilder();
    FieldDescriptor section = PipelineConfig.getDescriptor().findFieldByName(stage);
    if (section != null) {
      own.setField(section, request.getConfig().getField(section));
    }
    boolean force =
        NODES.stream()
            .filter(node -> node.stage().name().equals(stage))
            .anyMatch(node -> node.mode(request) == NodeMode.FORCE);
    return StageCall.newBuilder()
        .setStage(stage)
        .setSubject(subject)
        .setConfig(own)
        .setForce(force);
  }
}
