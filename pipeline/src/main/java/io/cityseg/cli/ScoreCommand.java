package io.cityseg.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.cityseg.files.WholeFile;
import io.cityseg.proto.Progress;
import io.cityseg.score.PixelEvaluation;
import io.cityseg.score.ScoreException;
import io.cityseg.score.ScoreTables;
import io.cityseg.score.Scores;
import io.cityseg.score.ScoresJson;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Scores of predictions: the replacement for evalPixelLevelSemanticLabeling. */
@Command(
    name = "score",
    description =
        "Evaluates label images at full resolution as the official script does (measure: cityscapes).",
    mixinStandardHelpOptions = true)
final class ScoreCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private ParallelismOption parallelism;

  @Option(
      names = "--ground-truth",
      paramLabel = "DIR",
      required = true,
      description =
          "Folder with *_gtFine_labelIds.png below it, and *_gtFine_instanceIds.png for iIoU; of a whole data set val is taken.")
  private Path groundTruth;

  @Option(
      names = "--predictions",
      paramLabel = "DIR",
      required = true,
      description =
          "Folder with one <city>_<seq>_<frame>*.png for every image below it: 8-bit regular ids.")
  private Path predictions;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Write the official result file, with perImageScores.")
  private Path json;

  @Option(
      names = "--boundary",
      paramLabel = "RATIO",
      arity = "0..1",
      fallbackValue = "0.02",
      description =
          "Boundary IoU of the classes too (Cheng et al. 2021): within RATIO of the image's diagonal of a contour (0.02 without a RATIO, which is 46 pixels at 2048x1024).")
  private Double boundary;

  @Option(
      names = "--fail-under-miou",
      paramLabel = "PERCENT",
      description = "Exit code 3 when the mean IoU of the classes (0 to 100) is below this.")
  private Double failUnder;

  @Override
  public Integer call() throws Exception {
    int threads = parallelism.threads();
    validate();
    PrintWriter err = spec.commandLine().getErr();
    PixelEvaluation evaluation;
    try {
      evaluation = PixelEvaluation.open(groundTruth, predictions);
      if (boundary != null) {
        evaluation = evaluation.withBoundaries(boundary);
      }
    } catch (ScoreException e) {
      throw new UsageException(e.getMessage(), e);
    }
    Scores scores;
    try (RunDisplay display = RunDisplay.on(err)) {
      Progress.Builder progress =
          Progress.newBuilder().setStage("score").setUnit("images").setTotal(evaluation.pairs());
      scores =
          evaluation.run(
              threads, done -> display.progressed(List.of(progress.setDone(done).build())));
    } catch (ScoreException e) {
      e.problems().forEach(problem -> err.println("cityseg: " + problem));
      err.println(
          "cityseg: nothing was scored: %d problem%s"
              .formatted(e.problems().size(), e.problems().size() == 1 ? "" : "s"));
      err.flush();
      return ExitCode.FAILED;
    }
    if (!evaluation.hasInstances()) {
      err.println(
          "cityseg: nIoU is not available: %s has no *_gtFine_instanceIds.png beside its labelIds"
              .formatted(groundTruth));
    }
    return finish(scores, evaluation.pairs(), err);
  }

  private int finish(Scores scores, int images, PrintWriter err) throws UsageException {
    PrintWriter out = spec.commandLine().getOut();
    out.printf(
        "measure cityscapes: 19 classes on regular ids, void ignored, full size, %d images%n%n",
        images);
    out.print(ScoreTables.of(scores));
    out.flush();
    if (json != null) {
      try {
        WholeFile.write(json, ScoresJson.of(scores).getBytes(UTF_8));
      } catch (IOException e) {
        throw new UsageException("--json %s cannot be written: %s".formatted(json, e), e);
      }
    }
    double percent = 100 * Scores.average(scores.classes());
    if (failUnder == null || percent >= failUnder) {
      return ExitCode.DONE;
    }
    err.println(
        "cityseg: the mean IoU of the classes is %s (cityscapes measure), below the %s %% asked for"
            .formatted(
                Double.isNaN(percent) ? "not a number" : OutcomeTable.percent(percent / 100),
                failUnder));
    err.flush();
    return ExitCode.NOT_MET;
  }

  private void validate() throws UsageException {
    requireFolder("--ground-truth", groundTruth);
    requireFolder("--predictions", predictions);
    if (failUnder != null && !(failUnder >= 0 && failUnder <= 100)) {
      throw new UsageException(
          "--fail-under-miou is " + failUnder + " (must be a percentage, 0 to 100)");
    }
    if (boundary != null && !(boundary > 0 && boundary <= 1)) {
      throw new UsageException("--boundary is " + boundary + " (must be above 0, at most 1)");
    }
    if (json != null && Files.isDirectory(json)) {
      throw new UsageException("--json " + json + " is a folder; name a file");
    }
  }

  private static void requireFolder(String option, Path folder) throws UsageException {
    if (!Files.isDirectory(folder)) {
      throw new UsageException(
          "%s %s %s"
              .formatted(option, folder, Files.exists(folder) ? "is a file" : "does not exist"));
    }
  }
}
