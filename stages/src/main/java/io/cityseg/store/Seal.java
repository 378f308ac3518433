package io.cityseg.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;

/**
 * The mark of a file whose content was verified: read-only, and modified at a fixed moment long
 * ago. Writing to it in any ordinary way breaks the seal, because that sets the modification time.
 */
final class Seal {
  /** An even second, so that file systems with coarse times (FAT: two seconds) keep it. */
  static final FileTime TIME = FileTime.from(Instant.parse("2000-01-01T00:00:00Z"));

  private Seal() {}

  static void putOn(Path file) throws IOException {
    PosixFileAttributeView posix = Files.getFileAttributeView(file, PosixFileAttributeView.class);
    if (posix != null) {
      posix.setPermissions(PosixFilePermissions.fromString("r--r--r--"));
    } else if (!file.toFile().setReadOnly()) {
      throw new IOException(file + " cannot be made read-only");
    }
    Files.setLastModifiedTime(file, TIME);
  }

  static boolean isOn(BasicFileAttributes attributes) {
    return attributes.lastModifiedTime().equals(TIME);
  }
}
