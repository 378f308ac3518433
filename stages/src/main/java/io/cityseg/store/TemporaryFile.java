package io.cityseg.store;

import static java.util.Objects.requireNonNull;

import io.cityseg.files.FileFailures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;

/**
 * An empty file to make a large blob in, which is gone when it is closed. What a killed process
 * leaves is removed when the storage is opened next on that machine.
 */
public final class TemporaryFile implements AutoCloseable {
  private final Path path;
  private final boolean kept;

  TemporaryFile(Path path) {
    this(path, false);
  }

  private TemporaryFile(Path path, boolean kept) {
    this.path = requireNonNull(path, "path");
    this.kept = kept;
  }

  /** The same file, which is gone when the process ends instead. */
  TemporaryFile untilExit() {
    path.toFile().deleteOnExit();
    return new TemporaryFile(path, true);
  }

  /** A file in a folder that is made where it is missing, and cleared of leftovers. */
  public static TemporaryFile in(Path folder) throws StoreException {
    try {
      var files = new TemporaryFiles(Files.createDirectories(folder), Clock.systemUTC());
      files.deleteStale();
      return new TemporaryFile(files.empty());
    } catch (IOException e) {
      throw new StoreException(
          "Cannot make a temporary file in %s (%s); correct its permissions, or name another folder with -Djava.io.tmpdir"
              .formatted(folder, FileFailures.reason(e)),
          e);
    }
  }

  /** Where it is. */
  public Path path() {
    return path;
  }

  /** Deletes the file. */
  @Override
  public void close() throws StoreException {
    if (kept) {
      return;
    }
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      throw new StoreException(
          "Cannot delete the temporary file %s (%s); it can be deleted by hand"
              .formatted(path, FileFailures.reason(e)),
          e);
    }
  }
}
