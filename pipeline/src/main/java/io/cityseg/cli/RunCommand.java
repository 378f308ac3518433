package io.cityseg.cli;

import io.cityseg.export.LiveEvents;
import io.cityseg.files.FileFailures;
import io.cityseg.proto.GraphRequest;
import io.cityseg.proto.NodeSelection;
import io.cityseg.proto.PipelineConfig;
import io.cityseg.proto.RunRecord;
import io.cityseg.run.RecordedRun;
import io.cityseg.run.RunnerChoice;
import io.cityseg.run.Workspace;
import io.cityseg.store.ArtifactStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
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

  @Option(
      names = "--tensorboard",
      paramLabel = "DIR",
      description =
          "Writes an event file for TensorBoard into a folder of the run's name in DIR, while the run is under way.")
  private Path tensorboard;

  @Override
  public Integer call() throws Exception {
    Workspace workspace = Workspace.current();
    RunnerChoice choice = runner.choice();
    PipelineConfig config = configuration.resolve();
    if (runner.isDetached() && tensorboard != null) {
      throw new UsageException(
          "--tensorboard needs a client that stays: leave out --detach, or export the metrics afterwards");
    }
    execution.validate(config.getEvaluate());
    List<NodeSelection> nodes = selection.selection().nodes();
    ArtifactStore store = storage.open(workspace);
    var out = spec.commandLine().getOut();
    var err = spec.commandLine().getErr();
    RunRecord run;
    try (RunDisplay display = RunDisplay.on(err)) {
      GraphRequest request =
          Requests.prepare(
              store, workspace, display, RecordedRun.newId(), config, nodes, List.of());
      var recorded = new RecordedRun(store, storage.uri(workspace), choice, "run");
      if (runner.isDetached()) {
        run = recorded.submit(request, display);
      } else if (tensorboard == null) {
        run = recorded.execute(request, display);
      } else {
        run = watched(recorded, request, display, store);
      }
    }
    return execution.finish(run, store, workspace, out, err);
  }

  private RunRecord watched(
      RecordedRun recorded, GraphRequest request, RunDisplay display, ArtifactStore store)
      throws Exception {
    LiveEvents events;
    try {
      events = LiveEvents.create(tensorboard, request.getRunId(), display);
    } catch (IOException e) {
      throw new UsageException(
          "Cannot write an event file to %s (--tensorboard): %s"
              .formatted(tensorboard, FileFailures.reason(e)),
          e);
    }
    try (events) {
      RunRecord run = recorded.execute(request, events);
      events.finish(run, store);
      return run;
    }
  }
}
