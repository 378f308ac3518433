package io.cityseg.model;

import io.cityseg.stage.StageException;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The format of torch.save before torch 1.6 ({@code _legacy_save} in {@code
 * torch/serialization.py}): five pickles one after another (magic number, version, facts of the
 * machine, the object, the storages' keys), then each storage as its number of elements (8 bytes)
 * and the elements.
 */
final class TorchLegacyFile {
  private static final BigInteger MAGIC = new BigInteger("1950a86a20f9469cfc6c", 16);
  private static final long VERSION = 1001;

  private TorchLegacyFile() {}

  static TorchFile.Content read(FileChannel channel) throws IOException, StageException {
    long size = channel.size();
    int head = (int) Math.min(size, TorchArchive.MAX_PICKLE_BYTES);
    PickleInput in = new PickleInput(channel.map(MapMode.READ_ONLY, 0, head));
    TorchObjects objects = new TorchObjects();
    require(
        MAGIC.equals(PickleMachine.read(in, objects)),
        "it is a pickle, and not one of torch.save: its magic number is missing");
    Object version = PickleMachine.read(in, objects);
    require(Long.valueOf(VERSION).equals(version), "its format is not version " + VERSION);
    requireLittleEndian(PickleMachine.read(in, objects));
    Object root = PickleMachine.read(in, objects);
    Object keys = PickleMachine.read(in, objects);
    require(keys instanceof List<?>, "it has no list of its storages");
    Map<String, Long> places = places(channel, in.position(), (List<?>) keys, objects);
    return new TorchFile.Content(
        root,
        storage -> mapped(channel, storage, places.get(storage.key())),
        ByteOrder.LITTLE_ENDIAN);
  }

  /** torch writes numbers in little-endian order everywhere, so a file of another is nobody's. */
  private static void requireLittleEndian(Object machine) throws StageException {
    require(
        machine instanceof Map<?, ?> facts && Boolean.TRUE.equals(facts.get("little_endian")),
        "it does not say that it is little-endian");
  }

  /** Where each storage's elements begin. */
  private static Map<String, Long> places(
      FileChannel channel, long from, List<?> keys, TorchObjects objects)
      throws IOException, StageException {
    Map<String, Long> places = new HashMap<>();
    long at = from;
    for (Object key : keys) {
      StoredElements storage = objects.storages().get(key instanceof String text ? text : "");
      require(storage != null, "it has a storage '" + shown(key) + "' that no tensor lies in");
      require(at <= channel.size() - Long.BYTES, cut(storage));
      ByteBuffer count = FileBytes.read(channel, at, Long.BYTES);
      require(
          count.getLong(0) == storage.count(),
          "its storage '%s' has %d elements (must be %d, as its tensors say)"
              .formatted(storage.key(), count.getLong(0), storage.count()));
      at += Long.BYTES;
      require(storage.byteCount() <= channel.size() - at, cut(storage));
      require(places.put(storage.key(), at) == null, "it has the storage '" + key + "' twice");
      at += storage.byteCount();
    }
    require(
        at == channel.size(),
        "it has %d bytes after its last storage".formatted(channel.size() - at));
    return places;
  }

  private static String shown(Object key) {
    return key instanceof String || key instanceof Number ? key.toString() : "of no name";
  }

  private static String cut(StoredElements storage) {
    return "the file is cut short in its storage '" + storage.key() + "'";
  }

  private static ByteBuffer mapped(FileChannel channel, StoredElements storage, Long at)
      throws IOException, StageException {
    require(at != null, "its storage '" + storage.key() + "' is not in the file");
    require(
        storage.byteCount() <= Integer.MAX_VALUE,
        "its storage '%s' has %d bytes (must be at most %d)"
            .formatted(storage.key(), storage.byteCount(), Integer.MAX_VALUE));
    return channel.map(MapMode.READ_ONLY, at, storage.byteCount());
  }

  private static void require(boolean holds, String otherwise) throws StageException {
    if (!holds) {
      throw new StageException(otherwise);
    }
  }
}
