package io.cityseg.cli;

import io.cityseg.model.CheckpointExport;
import io.cityseg.run.Workspace;
import io.cityseg.stage.StageException;
import io.cityseg.store.ArtifactStore;
import io.cityseg.store.StoreException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** A checkpoint as a file. */
@Command(
    name = "checkpoint",
    description =
        "Writes a checkpoint with torchvision's names: .safetensors, or .pth for torch.load(weights_only=True) and load_state_dict(strict=True).",
    mixinStandardHelpOptions = true)
final class ExportCheckpointCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private StoreOptions storage;

  @Parameters(
      index = "0",
      paramLabel = "CHECKPOINT",
      description =
          "RUN:train/epoch-N, the digest of a checkpoint in the store, or a .pth or .safetensors file.")
  private String checkpoint;

  @Parameters(
      index = "1",
      paramLabel = "OUT",
      description =
          "The file, whose name ends in .safetensors or .pth; an earlier one is replaced.")
  private Path out;

  @Override
  public Integer call() throws Exception {
    if (!CheckpointExport.writes(out)) {
      throw new UsageException("OUT " + out + ": its name must end in .safetensors or .pth");
    }
    Path folder = out.toAbsolutePath().getParent();
    if (!Files.isDirectory(folder) || Files.isDirectory(out)) {
      throw new UsageException("OUT " + out + ": it must be a file in a folder that is there");
    }
    export().write(out);
    spec.commandLine().getOut().println(out);
    spec.commandLine().getOut().flush();
    return ExitCode.DONE;
  }

  private CheckpointExport export() throws UsageException, StageException, StoreException {
    if (!CheckpointArguments.isFile(checkpoint)) {
      ArtifactStore store = storage.openExisting(Workspace.current());
      return CheckpointExport.of(
          new CheckpointArguments(store).resolve(List.of(checkpoint)).get(0).getCheckpoint(),
          store);
    }
    try {
      return CheckpointExport.of(Path.of(checkpoint));
    } catch (StageException e) {
      throw new UsageException(e.getMessage(), e);
    }
  }
}
