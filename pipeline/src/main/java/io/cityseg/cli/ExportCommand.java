package io.cityseg.cli;

import picocli.CommandLine.Command;

/** Results as files for other programs. */
@Command(
    name = "export",
    description = "Writes results as files for other programs.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = ExportCheckpointCommand.class)
final class ExportCommand {}
