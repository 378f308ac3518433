package io.cityseg.cli;

import io.cityseg.scenes.SceneOptions;
import io.cityseg.scenes.SceneWriter;
import io.cityseg.scenes.ScenesException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Synthetic street scenes. */
@Command(
    name = "scenes",
    description =
        "Draws street scenes in the Cityscapes layout: images, polygons, labelIds and instanceIds.",
    mixinStandardHelpOptions = true)
final class ScenesCommand implements Callable<Integer> {
  private static final Pattern SIZE = Pattern.compile("([0-9]{1,5})x([0-9]{1,5})");

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "DIR", description = "Where they go; must not exist, or be empty.")
  private Path folder;

  @Option(
      names = "--train",
      paramLabel = "N",
      defaultValue = "48",
      description = "Training scenes (default 48).")
  private int train;

  @Option(
      names = "--val",
      paramLabel = "N",
      defaultValue = "16",
      description = "Validation scenes (default 16).")
  private int val;

  @Option(
      names = "--seed",
      paramLabel = "S",
      defaultValue = "1",
      description = "The same seed draws the same bytes (default 1).")
  private long seed;

  @Option(
      names = "--size",
      paramLabel = "HxW",
      defaultValue = "128x256",
      description = "Height and width in pixels (default 128x256).")
  private String size;

  @Override
  public Integer call() throws Exception {
    Matcher parsed = SIZE.matcher(size);
    if (!parsed.matches()) {
      throw new UsageException("--size " + size + ": must be HEIGHTxWIDTH, as in 128x256");
    }
    SceneOptions options;
    try {
      options =
          new SceneOptions(
              train,
              val,
              seed,
              Integer.parseInt(parsed.group(1)),
              Integer.parseInt(parsed.group(2)));
      SceneWriter.draw(folder, options, scenes -> {});
    } catch (IllegalArgumentException | ScenesException e) {
      throw new UsageException(e.getMessage(), e);
    }
    spec.commandLine().getOut().println(folder);
    spec.commandLine().getOut().flush();
    return ExitCode.DONE;
  }
}
