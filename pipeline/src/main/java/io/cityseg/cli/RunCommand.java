package io.cityseg.cli;

import io.cityseg.proto.GraphRequest;
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
import picocli.CommandLine.Spec;

/** The pipeline. */
@Command(
    name = "run",
    description =
        "Runs the pipeline from the data set to the report. What the store has is not computed again.",
    mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private ConfigOptions configuration;
  @Mixin private StoreOptions storage;
  @Mixin private RunnerOptions runner;
  @Mixin private SelectionOptions selection;
  @Mixin private GraphExecution execution;

  @Override
  public Integer call() throws Exception {
    execution.validate();
    Workspace workspace = Workspace.current();
    RunnerChoice choice = runner.choice();
    PipelineConfig config = configuration.resolve();
    List<NodeSelection> nodes = selection.selection().nodes();
    ArtifactStore store = storage.open(workspace);
    var out = spec.commandLine().getOut();
    var err = spec.commandLine().getErr();
    RunRecord run;
    try (RunDisplay display = RunDisplay.on(err)) {
      GraphRequest request =
          Requests.prepare(
              store, workspace, display, RecordedRun.newId(), config, nodes, List.of());
      RecordedRun recorded = new RecordedRun(store, storage.uri(workspace), choice, "run");
      run =
          runner.isDetached()
              ? recorded.submit(request, display)
              : recorded.execute(request, display);
    }
    return execution.finish(run, store, workspace, out, err);
  }
}
