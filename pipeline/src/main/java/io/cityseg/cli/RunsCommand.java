package io.cityseg.cli;

import io.cityseg.evaluate.PaperMeasure;
import io.cityseg.journal.Journal;
import io.cityseg.proto.HeadlineMetric;
import io.cityseg.proto.RunRecord;
import io.cityseg.proto.StageOutcome;
import io.cityseg.proto.StageStatus;
import io.cityseg.run.Workspace;
import io.cityseg.store.ArtifactStore;
import java.io.PrintWriter;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The history of runs. */
@Command(
    name = "runs",
    description = "Lists the runs in the store, the oldest first.",
    mixinStandardHelpOptions = true)
final class RunsCommand implements Callable<Integer> {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT);

  @Spec private CommandSpec spec;
  @Mixin private StoreOptions storage;

  @Option(names = "--json", description = "Print the records as JSON.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    ArtifactStore store = storage.openExisting(Workspace.current());
    List<RunRecord> runs = Journal.all(store);
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(
          runs.stream().map(GraphExecution::toJson).collect(Collectors.joining(",\n", "[", "]")));
    } else {
      TextTable table =
          new TextTable("RUN", "COMMAND", "BEGAN", "TOOK", "STATUS", "RAN", "mIoU (paper)");
      runs.forEach(
          run ->
              table.row(
                  run.getId(),
                  run.getCommand(),
                  time(run.getStartedAtMillis()),
                  took(run),
                  run.getStatus(),
                  ran(run),
                  metrics(run)));
      out.print(table.text());
    }
    out.flush();
    return ExitCode.DONE;
  }

  /** A point in time in the local zone. */
  static String time(long millis) {
    return TIME.format(Instant.ofEpochMilli(millis).atZone(ZoneId.systemDefault()));
  }

  /** How long a run took; empty while it is under way. */
  static String took(RunRecord run) {
    return run.getFinishedAtMillis() == 0
        ? ""
        : OutcomeTable.seconds(run.getFinishedAtMillis() - run.getStartedAtMillis());
  }

  private static String ran(RunRecord run) {
    String stages =
        run.getStagesList().stream()
            .filter(outcome -> outcome.getStatus() == StageStatus.RAN)
            .map(StageOutcome::getNode)
            .distinct()
            .collect(Collectors.joining(","));
    return stages.isEmpty() ? "nothing" : stages;
  }

  private static String metrics(RunRecord run) {
    return OutcomeTable.ofMeasure(run, PaperMeasure.NAME).stream()
        .filter(HeadlineMetric::hasMeanIou)
        .map(metric -> metric.getSubject() + " " + OutcomeTable.percent(metric.getMeanIou()))
        .collect(Collectors.joining(", "));
  }
}
