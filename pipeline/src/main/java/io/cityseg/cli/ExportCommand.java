package io.cityseg.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Results for other programs; each kind is a command of its own. */
@Command(
    name = "export",
    description = "Writes results for other programs.",
    mixinStandardHelpOptions = true,
    subcommands = ExportSubmissionCommand.class)
final class ExportCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Say what to export: submission");
  }
}
