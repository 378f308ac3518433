package io.cityseg.cli;

import io.cityseg.config.ConfigTemplate;
import io.cityseg.export.MetricsExport;
import io.cityseg.journal.RunStatus;
import io.cityseg.proto.Progress;
import io.cityseg.proto.RunRecord;
import io.cityseg.run.Report;
import io.cityseg.run.RunFollower;
import io.cityseg.run.Workspace;
import io.cityseg.store.ArtifactStore;
import io.cityseg.store.StoreException;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** One run. */
@Command(
    name = "show",
    description = "Shows a run: its stages, numbers, configuration and report.",
    mixinStandardHelpOptions = true)
final class ShowCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private StoreOptions storage;

  @Parameters(paramLabel = "RUN", description = "A run's id, the beginning of one, or latest.")
  private String run;

  @Option(names = "--json", description = "Print the record as JSON.")
  private boolean json;

  @Option(
      names = "--follow",
      description =
          "Wait until it has ended, and show how it goes. Exit code 1 when it did not end well.")
  private boolean follow;

  @Override
  public Integer call() throws Exception {
    Workspace workspace = Workspace.current();
    ArtifactStore store = storage.openExisting(workspace);
    RunRecord record = RunHistory.find(store, run);
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    List<Progress> underWay;
    try (RunDisplay display = RunDisplay.on(err)) {
      RunFollower follower = new RunFollower(store, display);
      record = follow ? follower.follow(record) : follower.settled(record);
      underWay = follower.underWay(record);
    }
    print(record, underWay, store, workspace, out);
    boolean wentWrong = follow && !record.getStatus().equals(RunStatus.DONE);
    return wentWrong ? ExitCode.FAILED : ExitCode.DONE;
  }

  private void print(
      RunRecord record,
      List<Progress> underWay,
      ArtifactStore store,
      Workspace workspace,
      PrintWriter out)
      throws StoreException {
    if (json) {
      out.println(GraphExecution.toJson(record));
      out.flush();
      return;
    }
    out.printf(
        "run %s: %s, %s, began %s%s, cityseg %s on %s, runner %s%n%n",
        PlainText.line(record.getId()),
        PlainText.line(record.getCommand()),
        PlainText.line(record.getStatus()),
        RunsCommand.time(record.getStartedAtMillis()),
        record.getFinishedAtMillis() == 0 ? "" : ", took " + RunsCommand.took(record),
        PlainText.line(record.getVersion()),
        PlainText.line(record.getHost()),
        PlainText.line(record.getRunner()));
    out.print(OutcomeTable.stages(record));
    underWay.forEach(progress -> out.println(LineDisplay.text(progress)));
    out.println();
    printEpochs(record, store, out);
    out.print(OutcomeTable.metrics(record));
    OutcomeTable.failures(record).forEach(out::println);
    out.println();
    out.print(ConfigTemplate.values(record.getConfig()));
    if (record.hasReport()) {
      out.println();
      out.println("report  " + Report.export(store, record.getReport(), workspace.reports()));
    }
    out.flush();
  }

  /** The record is shown even when an artifact that it names is not there any more. */
  private static void printEpochs(RunRecord record, ArtifactStore store, PrintWriter out) {
    try {
      String table = OutcomeTable.epochs(MetricsExport.epochs(record, store));
      if (!table.isEmpty()) {
        out.println(table);
      }
    } catch (StoreException e) {
      out.println("The history of training cannot be read: " + e.getMessage() + "\n");
    }
  }
}
