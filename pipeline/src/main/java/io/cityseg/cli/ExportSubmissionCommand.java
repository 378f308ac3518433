package io.cityseg.cli;

import io.cityseg.evaluate.FullSizeOptions;
import io.cityseg.evaluate.FullSizePredictor;
import io.cityseg.image.PixelSize;
import io.cityseg.model.EngineTurn;
import io.cityseg.model.SegmentationNetwork;
import io.cityseg.model.TorchEngine;
import io.cityseg.proto.CheckpointManifest;
import io.cityseg.proto.EvaluateConfig;
import io.cityseg.proto.PipelineConfig;
import io.cityseg.proto.Progress;
import io.cityseg.proto.ShardsConfig;
import io.cityseg.run.Workspace;
import io.cityseg.stage.StageException;
import io.cityseg.store.ArtifactStore;
import io.cityseg.store.StoreException;
import io.cityseg.submission.SplitRequirement;
import io.cityseg.submission.Submission;
import io.cityseg.submission.SubmissionException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.IntConsumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The benchmark server's zip. */
@Command(
    name = "submission",
    description =
        "Predicts the test images with a checkpoint, as evaluate.input, scales, flip and window say, and writes the benchmark server's zip: regular ids at full resolution.",
    mixinStandardHelpOptions = true)
final class ExportSubmissionCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private ConfigOptions configuration;
  @Mixin private StoreOptions storage;

  @Option(
      names = "--checkpoint",
      paramLabel = "CHECKPOINT",
      required = true,
      description =
          "A .safetensors file with torchvision's names, RUN:train/epoch-N of an earlier run, or the digest of a checkpoint in the store.")
  private String checkpoint;

  @Option(
      names = "--split",
      paramLabel = "SPLIT",
      defaultValue = "test",
      description = "test (default), or val to check locally with `cityseg score`.")
  private String split;

  @Option(
      names = "--images",
      paramLabel = "N",
      description = "How many images the split must have (default: 1525 for test, any for val).")
  private Integer images;

  @Option(
      names = "--size",
      paramLabel = "HxW",
      description =
          "What size every image must have (default: 1024x2048 for test, all the same for val).")
  private String size;

  @Parameters(paramLabel = "OUT", description = "The zip file to write; it is replaced.")
  private Path out;

  @Override
  public Integer call() throws Exception {
    SplitRequirement required = requirement();
    if (Files.isDirectory(out) || out.getFileName() == null) {
      throw new UsageException(out + " is a folder; name the zip file to write");
    }
    Workspace workspace = Workspace.current();
    PipelineConfig config = configuration.resolve();
    List<Path> folders = folders(config);
    ArtifactStore store = storage.open(workspace);
    CheckpointManifest manifest =
        store.readManifest(
            new CheckpointArguments(store).resolve(List.of(checkpoint)).get(0).getCheckpoint(),
            CheckpointManifest.parser());
    PrintWriter err = spec.commandLine().getErr();
    try (RunDisplay display = RunDisplay.on(err)) {
      Submission submission =
          Submission.open(
              folders, required, progress(display, "check", required.images().orElse(0)));
      write(submission, config, manifest, store, progress(display, "predict", submission.images()));
    } catch (SubmissionException e) {
      e.problems().forEach(problem -> err.println("cityseg: " + problem));
      err.println(
          "cityseg: nothing was written: %d problem%s"
              .formatted(e.problems().size(), e.problems().size() == 1 ? "" : "s"));
      err.flush();
      return ExitCode.FAILED;
    }
    spec.commandLine().getOut().println(out);
    spec.commandLine().getOut().flush();
    return ExitCode.DONE;
  }

  private void write(
      Submission submission,
      PipelineConfig config,
      CheckpointManifest manifest,
      ArtifactStore store,
      IntConsumer finished)
      throws StageException, StoreException, InterruptedException {
    EvaluateConfig evaluate = config.getEvaluate();
    ShardsConfig shards = config.getShards();
    FullSizeOptions options =
        FullSizeOptions.of(evaluate, new PixelSize(shards.getHeight(), shards.getWidth()));
    try (EngineTurn turn = EngineTurn.take()) {
      turn.threads(evaluate.getThreads());
      try (SegmentationNetwork network =
          SegmentationNetwork.load(
              manifest, store, TorchEngine.device("evaluate.device", evaluate.getDevice()))) {
        network.freeze();
        submission.write(out, new FullSizePredictor(network, options), finished);
      }
    } catch (IOException e) {
      throw new StageException("Cannot export to %s: %s".formatted(out, e), e);
    }
  }

  private SplitRequirement requirement() throws UsageException {
    Optional<PixelSize> wanted = Optional.empty();
    if (size != null) {
      wanted = PixelSize.ofText(size);
      if (wanted.isEmpty()) {
        throw new UsageException("--size " + size + ": must be HEIGHTxWIDTH, as in 1024x2048");
      }
    }
    try {
      return SplitRequirement.of(split, Optional.ofNullable(images), wanted);
    } catch (IllegalArgumentException e) {
      throw new UsageException("--split, --images: " + e.getMessage(), e);
    }
  }

  private static List<Path> folders(PipelineConfig config) throws UsageException {
    List<Path> folders = config.getData().getPathsList().stream().map(Path::of).toList();
    if (folders.isEmpty()) {
      throw new UsageException("--data is missing: name the folder that has leftImg8bit/");
    }
    for (Path folder : folders) {
      if (!Files.isDirectory(folder)) {
        throw new UsageException("--data " + folder + " is no folder");
      }
    }
    return folders;
  }

  private static IntConsumer progress(RunDisplay display, String what, int total) {
    Progress.Builder progress =
        Progress.newBuilder().setStage(what).setUnit("images").setTotal(total);
    return done -> display.progressed(List.of(progress.setDone(done).build()));
  }
}
