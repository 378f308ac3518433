package io.cityseg.store;

import io.cityseg.files.FileFailures;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;

/** Objects in memory, and in a temporary folder where a file is asked for. */
public final class MemoryObjects implements ObjectStorage {
  private final ConcurrentSkipListMap<String, byte[]> objects = new ConcurrentSkipListMap<>();
  private final Path folder;

  /** An empty storage; files are made in {@code folder}. */
  public MemoryObjects(Path folder) {
    this.folder = folder;
  }

  @Override
  public boolean createIfAbsent(String name, byte[] content) {
    return objects.putIfAbsent(ObjectNames.require(name), content.clone()) == null;
  }

  @Override
  public boolean createIfAbsent(String name, Path content) throws StoreException {
    try {
      return objects.putIfAbsent(ObjectNames.require(name), Files.readAllBytes(content)) == null;
    } catch (IOException e) {
      throw new StoreException(
          "Cannot read %s to store it: %s".formatted(content, FileFailures.reason(e)), e);
    }
  }

  @Override
  public void replace(String name, byte[] content) {
    objects.put(name, content.clone());
  }

  @Override
  public Optional<byte[]> read(String name, long limit) throws StoreException {
    byte[] content = objects.get(ObjectNames.require(name));
    if (content != null && content.length > limit) {
      throw new StoreException(
          "Cannot read %s from memory: it has %d bytes, and at most %d are expected"
              .formatted(name, content.length, limit));
    }
    return Optional.ofNullable(content).map(byte[]::clone);
  }

  @Override
  public Optional<InputStream> open(String name) {
    return Optional.ofNullable(objects.get(name)).map(ByteArrayInputStream::new);
  }

  @Override
  public Optional<ObjectEntry> stat(String name) {
    return Optional.ofNullable(objects.get(name)).map(c -> new ObjectEntry(name, c.length));
  }

  @Override
  public List<ObjectEntry> list(String prefix) {
    List<ObjectEntry> entries = new ArrayList<>();
    objects.forEach(
        (name, content) -> {
          if (prefix.isEmpty() || name.startsWith(prefix + "/")) {
            entries.add(new ObjectEntry(name, content.length));
          }
        });
    return entries;
  }

  @Override
  public List<ObjectState> states(String prefix) {
    return list(prefix).stream()
        .map(
            entry ->
                new ObjectState(
                    entry.name(), entry.size(), Digest.of(objects.get(entry.name())).hex()))
        .toList();
  }

  @Override
  public boolean delete(String name) {
    return objects.remove(name) != null;
  }

  @Override
  public Optional<VerifiedFile> file(String name, Digest expected) throws StoreException {
    byte[] content = objects.get(name);
    if (content == null) {
      return Optional.empty();
    }
    try {
      Path file = folder.resolve(name.replace('/', '_'));
      Files.write(file, content);
      return Optional.of(new VerifiedFile(file, Digest.of(content), true));
    } catch (IOException e) {
      throw new StoreException("Cannot write " + name + " to " + folder, e);
    }
  }

  @Override
  public String location() {
    return "memory";
  }
}
