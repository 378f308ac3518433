package io.cityseg.model;

import io.cityseg.stage.StageException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;

/** Reads tensors from a file of any format that weights come in. */
public final class WeightsFile {
  private WeightsFile() {}

  /**
   * Reads a file's tensors; its first bytes say whether it is a safetensors file or one of
   * torch.save.
   *
   * @throws StageException when it is neither, or damaged, or wants to execute something
   * @see Safetensors#read
   * @see TorchFile#read
   */
  public static Map<String, Tensor> read(Path file) throws StageException {
    return switch (format(file)) {
      case SAFETENSORS -> Safetensors.read(file);
      case TORCH_ZIP, TORCH_LEGACY -> TorchFile.read(file);
      case UNKNOWN ->
          throw new StageException(
              ("Cannot read tensors from %s: it is neither a safetensors file nor one of torch.save"
                      + " (.pth); get the file anew")
                  .formatted(file));
    };
  }

  /**
   * The kind of an artifact that is this file: "safetensors", "pth", or "weights" when it is
   * neither.
   */
  public static String kind(Path file) throws StageException {
    return switch (format(file)) {
      case SAFETENSORS -> "safetensors";
      case TORCH_ZIP, TORCH_LEGACY -> "pth";
      case UNKNOWN -> "weights";
    };
  }

  private static FileFormat format(Path file) throws StageException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return FileFormat.of(channel);
    } catch (NoSuchFileException e) {
      throw new StageException("Cannot read tensors from " + file + ": there is no such file", e);
    } catch (IOException e) {
      throw new StageException("Cannot read tensors from " + file + ": " + e.getMessage(), e);
    }
  }
}
