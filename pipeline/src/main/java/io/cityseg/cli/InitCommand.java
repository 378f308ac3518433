package io.cityseg.cli;

import io.cityseg.config.ConfigTemplate;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** A configuration file to begin with. */
@Command(
    name = "init",
    description = "Writes a configuration file with every parameter, its meaning, unit and range.",
    mixinStandardHelpOptions = true)
final class InitCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      arity = "0..1",
      paramLabel = "FILE",
      defaultValue = "cityseg.yaml",
      description = "The file to write (default cityseg.yaml); must not exist.")
  private Path file;

  @Option(
      names = "--preset",
      paramLabel = "NAME",
      defaultValue = "quickstart",
      description = "Whose values it holds: quickstart (default), paper or recipe.")
  private String preset;

  @Override
  public Integer call() throws Exception {
    byte[] text = ConfigTemplate.text(preset).getBytes(StandardCharsets.UTF_8);
    try {
      Files.write(file, text, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    } catch (FileAlreadyExistsException e) {
      throw new UsageException(file + " exists already; name another file", e);
    } catch (NoSuchFileException e) {
      throw new UsageException("Cannot write " + file + ": its folder does not exist", e);
    } catch (IOException e) {
      throw new UsageException("Cannot write " + file + ": " + e, e);
    }
    spec.commandLine().getOut().println(file);
    spec.commandLine().getOut().flush();
    return ExitCode.DONE;
  }
}
