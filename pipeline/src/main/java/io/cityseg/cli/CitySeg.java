package io.cityseg.cli;

import io.cityseg.config.NearestName;
import io.cityseg.stage.MemoryAdvice;
import io.cityseg.stage.Stopwatch;
import java.io.PrintWriter;
import java.io.Writer;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command line's entry point. */
@Command(
    name = "cityseg",
    description =
        "Reproduces, reruns and compares the fine-tuning of DeepLabV3-ResNet50 on Cityscapes.",
    mixinStandardHelpOptions = true,
    versionProvider = CitySeg.Version.class,
    subcommands = {
      RunCommand.class,
      PlanCommand.class,
      EvaluateCommand.class,
      RunsCommand.class,
      ShowCommand.class,
      LabelsCommand.class,
      ScoreCommand.class,
      ExportCommand.class,
      ScenesCommand.class,
      InitCommand.class
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:a stage failed",
      "2:wrong usage, configuration, data folder or store",
      "3:something would run (plan --check), or a threshold is not met (--fail-under-miou)"
    })
public final class CitySeg {
  @Option(
      names = "--debug",
      scope = ScopeType.INHERIT,
      description = "Print stack traces of errors.")
  private boolean debug;

  private CitySeg() {}

  /** Runs the command line and exits with its code. */
  public static void main(String[] args) {
    CommandLine line = commandLine();
    int code;
    try {
      code = printingTo(line.getOut(), line.getErr(), line).execute(args);
    } catch (OutOfMemoryError e) {
      line.getErr().println("cityseg: " + MemoryAdvice.of(e));
      code = ExitCode.FAILED;
    }
    if (System.out.checkError() && code == ExitCode.DONE) {
      System.err.println("cityseg: standard output could not be written");
      code = ExitCode.FAILED;
    }
    // Beam's and the engine's threads may outlive the work
    System.exit(code);
  }

  /** Sees to it that whatever a command line prints is plain text. */
  static CommandLine printingTo(Writer out, Writer err, CommandLine line) {
    line.setOut(new PrintWriter(new PlainWriter(out), true));
    line.setErr(new PrintWriter(new PlainWriter(err), true));
    return line;
  }

  /** The command line, for tests too. */
  static CommandLine commandLine() {
    CitySeg root = new CitySeg();
    CommandLine line = new CommandLine(root);
    line.setExecutionExceptionHandler(
        (failure, command, parsed) -> root.report(failure, command.getErr()));
    line.setParameterExceptionHandler(
        (wrong, arguments) -> {
          PrintWriter said = wrong.getCommandLine().getErr();
          if (isUnknownCommand(wrong)) {
            said.println("cityseg: " + unknownCommand((UnmatchedArgumentException) wrong));
          } else {
            said.println("cityseg: " + wrong.getMessage());
            UnmatchedArgumentException.printSuggestions(wrong, said);
          }
          said.println(
              "Try '%s --help'".formatted(wrong.getCommandLine().getCommandSpec().qualifiedName()));
          return ExitCode.USAGE;
        });
    withVersion(line);
    line.setUsageHelpAutoWidth(true);
    line.setCaseInsensitiveEnumValuesAllowed(true);
    return line;
  }

  /** A subcommand's --version says the same; a mixin does not inherit who answers. */
  private static void withVersion(CommandLine line) {
    for (CommandLine command : line.getSubcommands().values()) {
      command.getCommandSpec().versionProvider(new Version());
      withVersion(command);
    }
  }

  private static boolean isUnknownCommand(ParameterException wrong) {
    return wrong instanceof UnmatchedArgumentException unmatched
        && !unmatched.isUnknownOption()
        && !wrong.getCommandLine().getSubcommands().isEmpty();
  }

  private static String unknownCommand(UnmatchedArgumentException wrong) {
    Set<String> commands = wrong.getCommandLine().getSubcommands().keySet();
    String given = wrong.getUnmatched().get(0);
    return "Unknown command '%s': %sthe commands are %s"
        .formatted(
            given,
            NearestName.of(given, commands).map(near -> "did you mean '" + near + "'? ").orElse(""),
            String.join(", ", commands));
  }

  private int report(Exception failure, PrintWriter err) {
    if (debug) {
      failure.printStackTrace(err);
    } else {
      String message = failure.getMessage();
      err.println(
          "cityseg: "
              + (Failures.expected(failure)
                  ? message
                  : "unexpected error: " + failure + " (--debug prints where)"));
    }
    return Failures.exitCode(failure);
  }

  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"cityseg " + Stopwatch.version()};
    }
  }
}
