package io.cityseg.files;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/** What went wrong with a file, in words. */
public final class FileFailures {
  private FileFailures() {}

  /** Why, in words: the exceptions of the file system often hold a file's name and no more. */
  public static String reason(IOException e) {
    if (e instanceof ClosedByInterruptException) {
      return "interrupted";
    }
    if (e instanceof AccessDeniedException denied) {
      // Of a move, the file that could not be replaced says more than its source.
      return "permission denied for "
          + (denied.getOtherFile() == null ? denied.getFile() : denied.getOtherFile());
    }
    if (e instanceof NoSuchFileException missing) {
      return missing.getFile() + " does not exist";
    }
    if (e instanceof FileSystemException other && other.getReason() != null) {
      return other.getFile() + ": " + other.getReason();
    }
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }
}
