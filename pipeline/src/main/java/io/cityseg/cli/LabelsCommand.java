package io.cityseg.cli;

import io.cityseg.labels.LabelEncoding;
import io.cityseg.labels.LabelException;
import io.cityseg.labels.LabelFile;
import io.cityseg.labels.LabelFiles;
import io.cityseg.proto.Progress;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Label images: the replacement for the data set's json2labelImg and json2instanceImg. */
@Command(
    name = "labels",
    description =
        "Draws label images from polygons JSON or labelIds PNG files, pixel for pixel as cityscapesScripts does.",
    mixinStandardHelpOptions = true)
final class LabelsCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private ParallelismOption parallelism;

  @Parameters(
      index = "0",
      paramLabel = "IN",
      description = "A polygons JSON or labelIds PNG file, or a tree of them (gtFine).")
  private Path in;

  @Parameters(
      index = "1",
      paramLabel = "OUT",
      description =
          "The PNG file; for a tree the folder, which gets the same folders and the data set's file names. May be IN itself.")
  private Path out;

  @Option(
      names = "--encoding",
      paramLabel = "ENCODING",
      defaultValue = "trainIds",
      description =
          "trainIds (default), ids, color, instanceIds or instanceTrainIds; the last two need polygons.")
  private String encoding;

  @Override
  public Integer call() throws Exception {
    int threads = parallelism.threads();
    LabelEncoding wanted =
        LabelEncoding.ofText(encoding)
            .orElseThrow(
                () -> new UsageException("--encoding " + encoding + ": must be one of " + names()));
    List<LabelFile> files;
    try {
      files = LabelFiles.find(in, out, wanted);
    } catch (LabelException e) {
      throw new UsageException(e.getMessage(), e);
    }
    var err = spec.commandLine().getErr();
    List<String> problems;
    try (RunDisplay display = RunDisplay.on(err)) {
      Progress.Builder progress =
          Progress.newBuilder().setStage("labels").setUnit("files").setTotal(files.size());
      problems =
          LabelFiles.convert(
              files,
              wanted,
              threads,
              done -> display.progressed(List.of(progress.setDone(done).build())));
    }
    problems.forEach(problem -> err.println("cityseg: " + problem));
    boolean wroteSome = problems.size() < files.size();
    if (!problems.isEmpty()) {
      err.println(
          "cityseg: %d of %d files could not be converted; %s"
              .formatted(
                  problems.size(),
                  files.size(),
                  wroteSome ? "the others are in " + out : "nothing was written"));
    }
    err.flush();
    if (wroteSome) {
      spec.commandLine().getOut().println(out);
      spec.commandLine().getOut().flush();
    }
    return problems.isEmpty() ? ExitCode.DONE : ExitCode.FAILED;
  }

  private static String names() {
    return Arrays.stream(LabelEncoding.values())
        .map(LabelEncoding::text)
        .collect(Collectors.joining(", "));
  }
}
