package io.cityseg.model;

import io.cityseg.stage.StageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The zip format of torch.save (torch 2.15's {@code torch/serialization.py}, {@code _save}): in one
 * folder of any name, data.pkl, the storages as data/KEY, and byteorder.
 */
final class TorchArchive {
  /** The name of the pickle. */
  static final String PICKLE = "data.pkl";

  /** The name of the record that says little or big. */
  static final String BYTE_ORDER = "byteorder";

  /** The folder of the storages. */
  static final String STORAGES = "data/";

  /** Far above any network's (0.1 MB), far below what its values could take of the heap. */
  static final int MAX_PICKLE_BYTES = 32 << 20;

  private TorchArchive() {}

  static TorchFile.Content read(FileChannel channel) throws IOException, StageException {
    StoredZip zip = StoredZip.open(channel);
    String folder = folder(zip.names());
    ByteBuffer pickle = zip.bytes(folder + PICKLE, -1);
    if (pickle.remaining() > MAX_PICKLE_BYTES) {
      throw new StageException(
          "its pickle has %d bytes (must be at most %d)"
              .formatted(pickle.remaining(), MAX_PICKLE_BYTES));
    }
    Object root = PickleMachine.read(new PickleInput(pickle), new TorchObjects());
    return new TorchFile.Content(
        root,
        storage -> zip.bytes(folder + STORAGES + storage.key(), storage.byteCount()),
        byteOrder(zip, folder + BYTE_ORDER));
  }

  /** The folder that everything lies in, with its slash. */
  private static String folder(List<String> names) throws StageException {
    List<String> folders =
        names.stream()
            .filter(name -> name.indexOf('/') == name.lastIndexOf('/'))
            .filter(name -> name.endsWith("/" + PICKLE))
            .map(name -> name.substring(0, name.length() - PICKLE.length()))
            .toList();
    if (folders.size() != 1) {
      throw new StageException(
          "it is a zip archive with %d entries FOLDER/%s (must be 1): torch.save did not make it"
              .formatted(folders.size(), PICKLE));
    }
    String folder = folders.get(0);
    for (String name : names) {
      if (!name.startsWith(folder)) {
        throw new StageException(
            "its entry '%s' lies outside the folder '%s'".formatted(name, folder));
      }
    }
    if (names.contains(folder + "constants.pkl")) {
      throw new StageException(
          "it is a TorchScript program; save the state dict, torch.save(model.state_dict(), ...)");
    }
    return folder;
  }

  private static ByteOrder byteOrder(StoredZip zip, String name)
      throws IOException, StageException {
    if (!zip.names().contains(name)) {
      // torch before 2.1 wrote none, and ran on little-endian machines
      return ByteOrder.LITTLE_ENDIAN;
    }
    ByteBuffer bytes = zip.bytes(name, -1);
    String text =
        StandardCharsets.US_ASCII.decode(bytes.slice(0, Math.min(8, bytes.limit()))).toString();
    return switch (text) {
      case "little" -> ByteOrder.LITTLE_ENDIAN;
      case "big" -> ByteOrder.BIG_ENDIAN;
      default ->
          throw new StageException("its byte order is '" + text + "' (must be little or big)");
    };
  }
}
