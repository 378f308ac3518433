package io.cityseg.cli;

import io.cityseg.export.MetricsExport;
import io.cityseg.export.MetricsFormat;
import io.cityseg.journal.RunStatus;
import io.cityseg.proto.RunRecord;
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
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** A run's numbers. */
@Command(
    name = "metrics",
    description =
        "Writes a run's history and evaluations: an event file for TensorBoard, CSV, JSON or protobuf (RunMetrics). Of a run that is not complete, what is there.",
    mixinStandardHelpOptions = true)
final class ExportMetricsCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private StoreOptions storage;

  @Parameters(
      index = "0",
      paramLabel = "RUN",
      description = "A run's id, the beginning of one, or latest.")
  private String run;

  @Parameters(
      index = "1",
      paramLabel = "DIR",
      description =
          "Gets a folder of the run's name; files of an earlier export of the run are replaced.")
  private Path folder;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      split = ",",
      defaultValue = "csv",
      description = "tensorboard, csv (default), json or protobuf; several with commas between.")
  private List<MetricsFormat> formats;

  @Override
  public Integer call() throws Exception {
    ArtifactStore store = storage.openExisting(Workspace.current());
    RunRecord record = RunHistory.find(store, run);
    MetricsExport metrics = MetricsExport.of(record, store);
    if (metrics.isEmpty()) {
      throw new UsageException(
          "Run %s (%s) has neither trained nor evaluated anything; there are no metrics to export"
              .formatted(record.getId(), record.getStatus()));
    }
    if (!record.getStatus().equals(RunStatus.DONE)) {
      String epochs =
          record.getCommand().equals("run")
              ? ": of its training, %d of at most %d epochs are there"
                  .formatted(metrics.epochs(), record.getConfig().getTrain().getEpochs())
              : "";
      var err = spec.commandLine().getErr();
      err.println(
          "cityseg: run %s is not complete (%s)%s"
              .formatted(record.getId(), record.getStatus(), epochs));
      err.flush();
    }
    var out = spec.commandLine().getOut();
    Path target = folder.resolve(record.getId());
    try {
      for (MetricsFormat format : formats) {
        metrics.write(format, target).forEach(out::println);
      }
    } catch (IOException e) {
      throw new UsageException("Cannot write metrics to %s: %s".formatted(target, e), e);
    }
    out.flush();
    return ExitCode.DONE;
  }
}
