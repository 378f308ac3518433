package io.cityseg.model;

import io.cityseg.proto.ArtifactRef;
import io.cityseg.proto.CheckpointManifest;
import io.cityseg.stage.StageException;
import io.cityseg.store.ArtifactStore;
import io.cityseg.store.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;

/**
 * Checkpoints as files for other programs: .safetensors, or .pth as torchvision's {@code
 * load_state_dict(strict=True)} takes it.
 *
 * <p>The same checkpoint gives the same bytes. A file appears whole or not at all, and takes the
 * place of an earlier one.
 */
public final class CheckpointExport {
  private static final String SAFETENSORS = ".safetensors";
  private static final String TORCH = ".pth";

  private final Map<String, Tensor> tensors;

  private CheckpointExport(Map<String, Tensor> tensors) {
    this.tensors = tensors;
  }

  /** Whether the file's name ends in one of the formats': .safetensors or .pth. */
  public static boolean writes(Path out) {
    String name = out.getFileName() == null ? "" : out.getFileName().toString();
    return name.endsWith(SAFETENSORS) || name.endsWith(TORCH);
  }

  /** A checkpoint of the store. */
  public static CheckpointExport of(ArtifactRef checkpoint, ArtifactStore store)
      throws StageException, StoreException {
    CheckpointManifest manifest = store.readManifest(checkpoint, CheckpointManifest.parser());
    NetworkType type =
        NetworkType.named("network of checkpoint " + checkpoint.getSha256(), manifest.getNetwork());
    DeepLabV3 network = DeepLabV3.of(type, manifest.getNumClasses());
    Path weights = store.file(manifest.getWeights());
    return new CheckpointExport(
        StateDict.checked(weights.toString(), Safetensors.read(weights), network));
  }

  /**
   * A checkpoint from anywhere, in the order and by the names of torchvision.
   *
   * @throws StageException when it is no checkpoint of one of the networks with {@value
   *     Checkpoints#NUM_CLASSES} classes
   */
  public static CheckpointExport of(Path file) throws StageException {
    return new CheckpointExport(Checkpoints.read(file).tensors());
  }

  /**
   * Writes it.
   *
   * @throws StageException when the file cannot be written, or its name has another ending
   */
  public void write(Path out) throws StageException {
    if (!writes(out)) {
      throw new StageException(
          "Cannot write %s: its name must end in %s or %s".formatted(out, SAFETENSORS, TORCH));
    }
    Path target = out.toAbsolutePath();
    try {
      Path part = Files.createTempFile(target.getParent(), ".export-", ".part");
      try {
        if (target.toString().endsWith(TORCH)) {
          TorchFileWriter.write(part, tensors);
        } else {
          Safetensors.write(part, tensors);
        }
        readableByOthers(part);
        Files.move(
            part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(part);
      }
    } catch (IOException e) {
      throw new StageException(
          "Cannot write %s: %s (%s)".formatted(out, e.getMessage(), e.getClass().getSimpleName()),
          e);
    }
  }

  /** A temporary file is its owner's alone. */
  private static void readableByOthers(Path file) throws IOException {
    if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    }
  }
}
