package io.cityseg.store;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives objects of a directory their content: written to a temporary file, forced to the disk, and
 * only then named. Whatever fails leaves nothing. Thread-safe.
 */
final class LocalWriter {
  private static final Logger LOG = LoggerFactory.getLogger(LocalWriter.class);

  private final Path root;
  private final TemporaryFiles temporaries;
  private final Placement placement;

  LocalWriter(Path root, TemporaryFiles temporaries, Placement placement) {
    this.root = root;
    this.temporaries = temporaries;
    this.placement = placement;
  }

  /** Writes a temporary file with the content of an object. */
  interface Source {
    Path write() throws IOException;
  }

  /**
   * Creates an object; false when there is one.
   *
   * @param size of the content, in bytes, for messages
   */
  boolean create(String name, Path target, long size, Source source) throws StoreException {
    Path temporary = null;
    try {
      if (Files.isRegularFile(target)) {
        return false;
      }
      ensureTemporaries();
      temporary = source.write();
      createParents(target);
      boolean created = placement.place(temporary, target);
      Files.deleteIfExists(temporary);
      if (created) {
        TemporaryFiles.force(target.getParent());
      } else if (Files.isDirectory(target)) {
        throw new IOException("there are objects whose names begin with " + name + "/");
      }
      return created;
    } catch (IOException e) {
      throw LocalFailures.writing(root, name, size, discarding(temporary, e));
    }
  }

  /** Creates or replaces an object. */
  void replace(String name, Path target, byte[] content) throws StoreException {
    Path temporary = null;
    try {
      ensureTemporaries();
      temporary = temporaries.write(content, false);
      createParents(target);
      Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
      TemporaryFiles.force(target.getParent());
    } catch (IOException e) {
      throw LocalFailures.writing(root, name, content.length, discarding(temporary, e));
    }
  }

  /** A new temporary file without content. */
  Path temporary() throws IOException {
    ensureTemporaries();
    return temporaries.empty();
  }

  /** Someone may have emptied the directory; a root that is gone is an error, not made anew. */
  private void ensureTemporaries() throws IOException {
    if (Files.isDirectory(temporaries.directory())) {
      return;
    }
    try {
      Files.createDirectory(temporaries.directory());
    } catch (FileAlreadyExistsException e) {
      LOG.debug("{} was made by somebody else in the same moment", e.getFile());
    }
  }

  private void createParents(Path target) throws IOException {
    Path parent = target.getParent();
    if (Files.isDirectory(parent)) {
      return;
    }
    Files.createDirectories(parent);
    for (Path made = parent.getParent(); made.startsWith(root); made = made.getParent()) {
      TemporaryFiles.force(made);
    }
  }

  private static IOException discarding(Path temporary, IOException failure) {
    if (temporary != null) {
      try {
        Files.deleteIfExists(temporary);
      } catch (IOException e) {
        failure.addSuppressed(e);
      }
    }
    return failure;
  }
}
