package io.cityseg.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What leaves the store for other programs. */
@Command(
    name = "export",
    description = "Writes what is in the store as files for other programs.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      ExportCheckpointCommand.class,
      ExportMetricsCommand.class,
      ExportShardsCommand.class,
      ExportSubmissionCommand.class
    })
final class ExportCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(),
        "export needs one of: " + String.join(", ", spec.subcommands().keySet()));
  }
}
