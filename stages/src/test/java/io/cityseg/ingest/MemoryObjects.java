package io.cityseg.ingest;

import io.cityseg.store.Digest;
import io.cityseg.store.ObjectStorage;
import io.cityseg.store.StoreException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;

/** Objects in memory, for tests that need a store and no files of it. */
final class MemoryObjects implements ObjectStorage {
  private final ConcurrentSkipListMap<String, byte[]> objects = new ConcurrentSkipListMap<>();

  @Override
  public boolean createIfAbsent(String name, byte[] content) {
    return objects.putIfAbsent(name, content.clone()) == null;
  }

  @Override
  public boolean createIfAbsent(String name, Path content) throws StoreException {
    try {
      return createIfAbsent(name, Files.readAllBytes(content));
    } catch (IOException e) {
      throw new StoreException("Cannot read " + content, e);
    }
  }

  @Override
  public void replace(String name, byte[] content) {
    objects.put(name, content.clone());
  }

  @Override
  public Optional<byte[]> read(String name, long limit) {
    return Optional.ofNullable(objects.get(name)).map(byte[]::clone);
  }

  @Override
  public Optional<InputStream> open(String name) {
    return Optional.ofNullable(objects.get(name)).map(ByteArrayInputStream::new);
  }

  @Override
  public Optional<ObjectEntry> stat(String name) {
    return Optional.ofNullable(objects.get(name)).map(b -> new ObjectEntry(name, b.length));
  }

  @Override
  public List<ObjectEntry> list(String prefix) {
    return objects.tailMap(prefix + "/").entrySet().stream()
        .takeWhile(entry -> entry.getKey().startsWith(prefix + "/"))
        .map(entry -> new ObjectEntry(entry.getKey(), entry.getValue().length))
        .toList();
  }

  @Override
  public boolean delete(String name) {
    return objects.remove(name) != null;
  }

  /** There is no file to give; the path says so. */
  @Override
  public Optional<VerifiedFile> file(String name, Digest expected) {
    return Optional.ofNullable(objects.get(name))
        .map(content -> new VerifiedFile(Path.of("in-memory", name), Digest.of(content)));
  }

  @Override
  public String location() {
    return "memory";
  }
}
