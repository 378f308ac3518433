package io.cityseg.cli;

import io.cityseg.graph.Graph;
import io.cityseg.proto.GraphRequest;
import io.cityseg.proto.NamedCheckpoint;
import io.cityseg.proto.NodeMode;
import io.cityseg.proto.NodeSelection;
import io.cityseg.proto.PipelineConfig;
import io.cityseg.proto.RunRecord;
import io.cityseg.run.RecordedRun;
import io.cityseg.run.RunnerChoice;
import io.cityseg.run.Workspace;
import io.cityseg.store.ArtifactStore;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** New checkpoints. */
@Command(
    name = "evaluate",
    description =
        "Evaluates checkpoints from anywhere beside the baseline, then makes the report. Trains nothing; what is already evaluated is not evaluated again.",
    mixinStandardHelpOptions = true)
final class EvaluateCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private ConfigOptions configuration;
  @Mixin private StoreOptions storage;
  @Mixin private RunnerOptions runner;
  @Mixin private GraphExecution execution;

  @Parameters(
      arity = "1..*",
      paramLabel = "CHECKPOINT",
      description =
          "A .pth or .safetensors file with torchvision's names, RUN:train/epoch-N of an earlier run, or the digest of a checkpoint in the store.")
  private List<String> checkpoints;

  @Override
  public Integer call() throws Exception {
    Workspace workspace = Workspace.current();
    RunnerChoice choice = runner.choice();
    PipelineConfig config = configuration.resolve();
    execution.validate(config.getEvaluate());
    ArtifactStore store = storage.open(workspace);
    List<NamedCheckpoint> named = new CheckpointArguments(store).resolve(checkpoints);
    var out = spec.commandLine().getOut();
    var err = spec.commandLine().getErr();
    RunRecord run;
    try (RunDisplay display = RunDisplay.on(err)) {
      GraphRequest request =
          Requests.prepare(store, workspace, display, RecordedRun.newId(), config, nodes(), named);
      RecordedRun recorded = new RecordedRun(store, storage.uri(workspace), choice, "evaluate");
      run =
          runner.isDetached()
              ? recorded.submit(request, display)
              : recorded.execute(request, display);
    }
    return execution.finish(run, store, workspace, out, err);
  }

  /**
   * All of the graph, but for the training: its checkpoints are compared with when they are there,
   * and never made.
   */
  private static List<NodeSelection> nodes() {
    return Graph.nodes().stream()
        .map(
            node ->
                NodeSelection.newBuilder()
                    .setNode(node.name())
                    .setMode(node.name().equals("train") ? NodeMode.IF_CACHED : NodeMode.COMPUTE)
                    .build())
        .toList();
  }
}
