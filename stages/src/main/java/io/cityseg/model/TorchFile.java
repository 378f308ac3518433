package io.cityseg.model;

import io.cityseg.stage.StageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads a state dict from a file of torch.save, in the zip format or the one before torch 1.6.
 *
 * <p>Nothing of the file is executed: {@link PickleMachine} reads its pickle as data, and {@link
 * TorchObjects} is the list of what it may name. The file is a state dict, or a checkpoint with one
 * under "state_dict", "model_state_dict" or "model".
 */
public final class TorchFile {
  /** Where a checkpoint keeps its state dict; what torchvision's and torch's own examples write. */
  private static final List<String> STATE_DICTS =
      List.of("state_dict", "model_state_dict", "model");

  private static final String DATA_PARALLEL = "module.";

  /** Gives a storage's bytes: exactly as many as it says. */
  @FunctionalInterface
  interface Storages {
    ByteBuffer bytes(StoredElements storage) throws IOException, StageException;
  }

  /**
   * A file's content.
   *
   * @param root what was saved
   * @param order the order of the bytes of a number in the storages
   */
  record Content(Object root, Storages storages, ByteOrder order) {}

  private TorchFile() {}

  /**
   * Reads a file's tensors, in its order and by its names. Their bytes are read-only views of the
   * file, which must not change while they are in use; a view that is not row-major is copied
   * whenever its bytes are asked for.
   *
   * @throws StageException when the file cannot be read, is damaged, wants to execute something, or
   *     holds something else than tensors
   */
  public static Map<String, Tensor> read(Path file) throws StageException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      Content content =
          FileFormat.of(channel) == FileFormat.TORCH_ZIP
              ? TorchArchive.read(channel)
              : TorchLegacyFile.read(channel);
      return tensors(stateDict(content.root()), content);
    } catch (NoSuchFileException e) {
      throw new StageException("Cannot read tensors from " + file + ": there is no such file", e);
    } catch (IOException | StageException e) {
      throw new StageException("Cannot read tensors from " + file + ": " + e.getMessage(), e);
    }
  }

  private static Map<?, ?> stateDict(Object root) throws StageException {
    if (!(root instanceof Map<?, ?> dict)) {
      throw new StageException(
          "it holds %s (must be a state dict, names with tensors)".formatted(kind(root)));
    }
    List<String> found =
        STATE_DICTS.stream().filter(name -> dict.get(name) instanceof Map<?, ?>).toList();
    if (found.size() > 1) {
      throw new StageException("it has more than one state dict: under " + found);
    }
    return found.isEmpty() ? dict : (Map<?, ?>) dict.get(found.get(0));
  }

  private static Map<String, Tensor> tensors(Map<?, ?> dict, Content content)
      throws IOException, StageException {
    if (dict.isEmpty()) {
      throw new StageException("it has no tensors");
    }
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    Map<String, ByteBuffer> storages = new HashMap<>();
    for (Map.Entry<?, ?> entry : dict.entrySet()) {
      if (!(entry.getKey() instanceof String name)
          || !(entry.getValue() instanceof StridedTensor tensor)) {
        throw new StageException(
            ("its entry '%s' is %s (must be a name with a tensor, or a checkpoint with a state dict"
                    + " under one of %s)")
                .formatted(entry.getKey(), kind(entry.getValue()), STATE_DICTS));
      }
      ByteBuffer stored = storages.get(tensor.storage().key());
      if (stored == null) {
        stored = content.storages().bytes(tensor.storage());
        storages.put(tensor.storage().key(), stored);
      }
      ByteBuffer bytes = stored;
      tensors.put(
          name,
          new Tensor(
              tensor.storage().dtype(),
              tensor.shape(),
              () -> tensor.elements(bytes, content.order())));
    }
    requireDistinct(tensors);
    return Collections.unmodifiableMap(tensors);
  }

  /** "module.a" and "a" are one name once DataParallel's prefix is taken off. */
  private static void requireDistinct(Map<String, Tensor> tensors) throws StageException {
    List<String> both = new ArrayList<>();
    for (String name : tensors.keySet()) {
      String bare = name;
      while (bare.startsWith(DATA_PARALLEL)) {
        bare = bare.substring(DATA_PARALLEL.length());
        if (tensors.containsKey(bare)) {
          both.add("'" + name + "' and '" + bare + "'");
        }
      }
    }
    if (!both.isEmpty()) {
      throw new StageException("it has tensors with and without a prefix: " + both);
    }
  }

  private static String kind(Object value) {
    if (value instanceof String) {
      return "text";
    } else if (value instanceof Boolean) {
      return "true or false";
    } else if (value instanceof Number) {
      return "a number";
    } else if (value instanceof List<?> || value instanceof PickleMachine.Tuple) {
      return "a list";
    } else if (value instanceof Map<?, ?>) {
      return "a dict";
    } else if (value instanceof StridedTensor) {
      return "a tensor";
    }
    return value == PickleMachine.Nothing.NONE ? "None" : "something else";
  }
}
