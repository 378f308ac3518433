package io.cityseg.store;

import io.cityseg.files.FileFailures;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/** What is said when a directory of objects fails: what was done, to what, why, and what to do. */
final class LocalFailures {
  private LocalFailures() {}

  static StoreException writing(Path root, String name, long size, IOException cause) {
    String doing = "Cannot write %s (%d bytes) to the store %s".formatted(name, size, root);
    OptionalLong free = freeBytes(root);
    if (free.isPresent() && free.getAsLong() < size) {
      return new StoreException(
          "%s: only %d bytes are free there (%s); free some space or choose another store"
              .formatted(doing, free.getAsLong(), FileFailures.reason(cause)),
          cause);
    }
    return failure(
        root,
        free.isPresent() ? doing + ", which has %d bytes free".formatted(free.getAsLong()) : doing,
        cause);
  }

  static StoreException reading(Path root, String name, IOException cause) {
    return failure(root, "Cannot read %s from the store %s".formatted(name, root), cause);
  }

  static StoreException deleting(Path root, String name, IOException cause) {
    return failure(root, "Cannot delete %s from the store %s".formatted(name, root), cause);
  }

  /** The answer of a question that found nothing, unless that is because the store is gone. */
  static <T> T requireThere(Path root, String doing, T answer) throws StoreException {
    if (!Files.isDirectory(root)) {
      throw new StoreException(gone("Cannot %s the store %s".formatted(doing, root)));
    }
    return answer;
  }

  private static StoreException failure(Path root, String doing, IOException cause) {
    if (!Files.isDirectory(root)) {
      return new StoreException(gone(doing), cause);
    }
    if (cause instanceof AccessDeniedException) {
      return new StoreException(
          "%s: %s; correct the permissions".formatted(doing, FileFailures.reason(cause)), cause);
    }
    return new StoreException("%s: %s".formatted(doing, FileFailures.reason(cause)), cause);
  }

  private static String gone(String doing) {
    return doing
        + ": the directory is gone; bring it back (mount it, or restore its permissions) and run again";
  }

  private static OptionalLong freeBytes(Path root) {
    long free = root.toFile().getUsableSpace();
    return Files.isDirectory(root) ? OptionalLong.of(free) : OptionalLong.empty();
  }
}
