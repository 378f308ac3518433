package io.cityseg.cli;

import io.cityseg.graph.Planner;
import io.cityseg.proto.Progress;
import io.cityseg.proto.StageOutcome;
import io.cityseg.run.RunListener;
import java.io.PrintWriter;
import java.util.List;

/** Shows how a run goes, on standard error: bars on a terminal, plain lines otherwise. */
abstract sealed class RunDisplay implements RunListener, AutoCloseable
    permits BarDisplay, LineDisplay {
  /** The system property by which the launcher says that standard error is a terminal. */
  private static final String TERMINAL_PROPERTY = "cityseg.terminal";

  private final PrintWriter err;

  RunDisplay(PrintWriter err) {
    this.err = err;
  }

  /** The display that suits where standard error goes. */
  static RunDisplay on(PrintWriter err) {
    return Boolean.getBoolean(TERMINAL_PROPERTY) ? new BarDisplay(err) : new LineDisplay(err);
  }

  @Override
  public final void notice(String message) {
    line(message);
  }

  @Override
  public void planned(List<Planner.Line> plan) {
    long cached = plan.stream().filter(line -> line.forecast() == Planner.Forecast.CACHED).count();
    line(
        cached == plan.size()
            ? "Everything is in the store; nothing runs"
            : "%d of %d results are in the store".formatted(cached, plan.size()));
  }

  @Override
  public final void progressed(List<Progress> nodes) {
    nodes.forEach(node -> show(node.getStage(), node));
  }

  @Override
  public void ended(StageOutcome outcome) {
    String name =
        PlainText.line(
            outcome.getSubject().isEmpty() || outcome.getSubject().equals(outcome.getNode())
                ? outcome.getNode()
                : outcome.getNode() + " " + outcome.getSubject());
    switch (outcome.getStatus()) {
      case CACHED -> line(name + ": cached");
      case RAN ->
          line(
              "%s: done in %s (%s)"
                  .formatted(
                      name,
                      OutcomeTable.seconds(outcome.getDurationMillis()),
                      PlainText.line(outcome.getReason())));
      case FAILED -> line(name + ": FAILED");
      default -> {
        // what was not reached is said in the table
      }
    }
  }

  /** Shows how far a node is. */
  abstract void show(String node, Progress progress);

  /** Prints a line without disturbing what is shown. */
  void line(String text) {
    err.println(text);
    err.flush();
  }

  @Override
  public abstract void close();
}
