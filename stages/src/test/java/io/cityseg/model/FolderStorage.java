package io.cityseg.model;

import io.cityseg.store.Digest;
import io.cityseg.store.ObjectStorage;
import io.cityseg.store.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The least that tests need of a storage: objects as files, for one thread. */
record FolderStorage(Path folder) implements ObjectStorage {
  @FunctionalInterface
  private interface Action<T> {
    T run() throws IOException;
  }

  private static <T> T stored(Action<T> action) throws StoreException {
    try {
      return action.run();
    } catch (IOException e) {
      throw new StoreException(e.toString(), e);
    }
  }

  private Path at(String name) {
    return folder.resolve(name);
  }

  @Override
  public boolean createIfAbsent(String name, byte[] content) throws StoreException {
    if (Files.exists(at(name))) {
      return false;
    }
    replace(name, content);
    return true;
  }

  @Override
  public boolean createIfAbsent(String name, Path content) throws StoreException {
    return createIfAbsent(name, stored(() -> Files.readAllBytes(content)));
  }

  @Override
  public void replace(String name, byte[] content) throws StoreException {
    stored(
        () -> {
          Files.createDirectories(at(name).getParent());
          return Files.write(at(name), content);
        });
  }

  @Override
  public Optional<byte[]> read(String name, long limit) throws StoreException {
    return Files.exists(at(name))
        ? Optional.of(stored(() -> Files.readAllBytes(at(name))))
        : Optional.empty();
  }

  @Override
  public Optional<InputStream> open(String name) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Optional<ObjectEntry> stat(String name) {
    throw new UnsupportedOperationException();
  }

  @Override
  public List<ObjectEntry> list(String prefix) {
    throw new UnsupportedOperationException();
  }

  @Override
  public List<ObjectState> states(String prefix) {
    throw new UnsupportedOperationException();
  }

  @Override
  public boolean delete(String name) throws StoreException {
    return stored(() -> Files.deleteIfExists(at(name)));
  }

  @Override
  public Optional<VerifiedFile> file(String name, Digest expected) throws StoreException {
    return Files.exists(at(name))
        ? Optional.of(new VerifiedFile(at(name), stored(() -> Digest.of(at(name)))))
        : Optional.empty();
  }

  @Override
  public String location() {
    return folder.toString();
  }
}
