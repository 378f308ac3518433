package io.cityseg.cli;

import io.cityseg.graph.Graph;
import io.cityseg.graph.KeyDifference;
import io.cityseg.graph.Planner;
import io.cityseg.proto.GraphRequest;
import io.cityseg.run.Workspace;
import io.cityseg.store.ActionKeys;
import io.cityseg.store.ArtifactStore;
import io.cityseg.store.Digest;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What a run would do. */
@Command(
    name = "plan",
    description =
        "Says for every stage whether it is cached, will run and why, or waits. Runs nothing.",
    mixinStandardHelpOptions = true)
final class PlanCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private ConfigOptions configuration;
  @Mixin private StoreOptions storage;
  @Mixin private SelectionOptions selection;

  @Option(names = "--check", description = "Exit code 3 when something would run.")
  private boolean check;

  @Option(
      names = "--explain",
      paramLabel = "STAGE",
      description = "Every field in which the stage's key differs from the nearest earlier one.")
  private String explain;

  @Option(names = "--json", description = "Print the plan as JSON.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    if (explain != null && !Graph.stageNames().contains(explain)) {
      throw new UsageException(
          "--explain %s: there is no such stage (stages: %s)"
              .formatted(explain, String.join(", ", Graph.stageNames())));
    }
    Workspace workspace = Workspace.current();
    var config = configuration.resolve();
    var nodes = selection.selection().nodes();
    ArtifactStore store = storage.openForPlanning(workspace);
    PrintWriter out = spec.commandLine().getOut();
    List<Planner.Line> plan;
    try (RunDisplay display = RunDisplay.on(spec.commandLine().getErr())) {
      GraphRequest request =
          Requests.prepare(store, workspace, display, "plan", config, nodes, List.of());
      plan = new Planner(store).plan(request);
    }
    if (json) {
      out.println(PlanJson.of(plan.stream().filter(this::isShown).toList()));
    } else if (explain != null) {
      out.print(explanation(plan));
    } else {
      out.print(table(plan));
    }
    out.flush();
    boolean runs = plan.stream().anyMatch(line -> line.forecast() != Planner.Forecast.CACHED);
    return check && runs ? ExitCode.NOT_MET : ExitCode.DONE;
  }

  private static String table(List<Planner.Line> plan) {
    TextTable table = new TextTable("STAGE", "OF", "PLAN", "WHY", "KEY", "ARTIFACT");
    for (Planner.Line line : plan) {
      table.row(
          line.node().stage().name(),
          line.subject(),
          line.forecast().name().toLowerCase(Locale.ROOT),
          line.reason(),
          line.key().map(key -> ActionKeys.digest(key).abbreviated()).orElse(""),
          line.outcome()
              .map(outcome -> new Digest(outcome.getOutput().getSha256()).abbreviated())
              .orElse(""));
    }
    return table.text();
  }

  private boolean isShown(Planner.Line line) {
    return explain == null || line.node().stage().name().equals(explain);
  }

  private String explanation(List<Planner.Line> plan) {
    StringBuilder text = new StringBuilder();
    for (Planner.Line line : plan) {
      if (!isShown(line)) {
        continue;
      }
      String of = line.subject().isEmpty() ? "" : " of " + line.subject();
      String why = line.reason().isEmpty() ? "" : ": " + line.reason();
      text.append(explain).append(of).append(' ');
      text.append(line.forecast().name().toLowerCase(Locale.ROOT)).append(why).append('\n');
      if (!line.differences().isEmpty()) {
        TextTable table = new TextTable("FIELD", "BEFORE", "NOW");
        for (KeyDifference difference : line.differences()) {
          table.row(difference.field(), orNone(difference.before()), orNone(difference.now()));
        }
        text.append(table.text());
      }
    }
    return text.length() == 0 ? explain + " is not part of the plan\n" : text.toString();
  }

  private static String orNone(String value) {
    return value.isEmpty() ? "(none)" : value;
  }
}
