package io.cityseg.store;

import io.cityseg.store.ObjectStorage.ObjectState;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.TreeMap;
import java.util.function.BiFunction;

/**
 * Lists a directory's objects: its files whose paths are names of objects, but for those in {@code
 * tmp/}. What vanishes meanwhile is not listed. Thread-safe.
 */
final class LocalListing {
  private final Path root;
  private final Path temporaries;

  LocalListing(Path root, Path temporaries) {
    this.root = root;
    this.temporaries = temporaries;
  }

  /** Objects below a prefix in ascending order of name, each made of its name and its file. */
  <T> List<T> below(String prefix, BiFunction<String, BasicFileAttributes, T> entry)
      throws StoreException {
    Path start = prefix.isEmpty() ? root : root.resolve(ObjectNames.require(prefix));
    if (!Files.isDirectory(start)) {
      return LocalFailures.requireThere(root, "list", List.of());
    }
    TreeMap<String, T> entries = new TreeMap<>();
    try {
      Files.walkFileTree(
          start, new Lister((name, file) -> entries.put(name, entry.apply(name, file))));
    } catch (IOException e) {
      throw LocalFailures.reading(root, prefix + "/", e);
    }
    return List.copyOf(entries.values());
  }

  /** A replaced object is another file, with another time. */
  static ObjectState state(String name, BasicFileAttributes file) {
    return new ObjectState(
        name,
        file.size(),
        "%s %s %d".formatted(file.lastModifiedTime(), file.fileKey(), file.size()));
  }

  private interface Found {
    void file(String name, BasicFileAttributes attributes);
  }

  private final class Lister extends SimpleFileVisitor<Path> {
    private final Found found;

    Lister(Found found) {
      this.found = found;
    }

    @Override
    public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
      return directory.equals(temporaries)
          ? FileVisitResult.SKIP_SUBTREE
          : FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
      if (attributes.isRegularFile() && ObjectNames.isValid(name(file))) {
        found.file(name(file), attributes);
      }
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
      // A mounted disk's own lost+found may be unreadable; it is no object's folder.
      if (failure instanceof NoSuchFileException || !ObjectNames.isValid(name(file))) {
        return FileVisitResult.CONTINUE;
      }
      throw failure;
    }

    private String name(Path file) {
      return root.relativize(file).toString().replace('\\', '/');
    }
  }
}
