package io.cityseg.cli;

import io.cityseg.graph.Graph;
import io.cityseg.graph.Selection;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Which stages it is about. */
final class SelectionOptions {
  @Option(
      names = "--from",
      paramLabel = "STAGE",
      description = "First stage that may run; the ones before it must be in the store.")
  private String from;

  @Option(names = "--to", paramLabel = "STAGE", description = "Last stage that may run.")
  private String to;

  @Option(names = "--only", paramLabel = "STAGE", description = "The same as --from and --to.")
  private String only;

  @Option(
      names = "--force",
      paramLabel = "STAGE",
      description = "Runs this stage even where the store has its result. Repeatable.")
  private List<String> force = new ArrayList<>();

  Selection selection() throws UsageException {
    if (only != null && (from != null || to != null)) {
      throw new UsageException("--only cannot be combined with --from or --to");
    }
    if (only != null && !Graph.stageNames().contains(only)) {
      throw new UsageException(
          "--only %s: there is no such stage (stages: %s)"
              .formatted(only, String.join(", ", Graph.stageNames())));
    }
    try {
      return new Selection(
          Optional.ofNullable(only == null ? from : only),
          Optional.ofNullable(only == null ? to : only),
          force);
    } catch (IllegalArgumentException e) {
      throw new UsageException(e.getMessage(), e);
    }
  }
}
