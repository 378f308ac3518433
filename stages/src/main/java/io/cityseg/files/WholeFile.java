package io.cityseg.files;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/** A file as one piece: read when it is not absurdly large, written whole or not at all. */
public final class WholeFile {
  /**
   * The largest file that is read, bytes. The largest picture has 128 Mi pixels, and no annotation
   * comes near.
   */
  public static final int MAX_BYTES = 256 << 20;

  private WholeFile() {}

  /**
   * A file's content.
   *
   * @throws IOException when it is no ordinary file, larger than {@link #MAX_BYTES}, or cannot be
   *     read; the message says why and begins with the file
   */
  public static byte[] read(Path file) throws IOException {
    if (!Files.exists(file)) {
      throw new NoSuchFileException(file + " does not exist");
    }
    if (!Files.isRegularFile(file)) {
      throw new IOException(file + " is not an ordinary file");
    }
    try (InputStream in = Files.newInputStream(file)) {
      long size = Files.size(file);
      if (size > MAX_BYTES) {
        throw new IOException(
            "%s has %,d bytes; files of at most %,d bytes are read"
                .formatted(file, size, MAX_BYTES));
      }
      return in.readNBytes(MAX_BYTES);
    } catch (FileSystemException e) {
      throw new IOException(file + " cannot be read: " + FileFailures.reason(e), e);
    }
  }

  /**
   * Writes a file beside its place and then moves it there, so that nobody sees half of it; one
   * that is there already is replaced. Makes the folders that are missing.
   */
  public static void write(Path file, byte[] content) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (!Files.isDirectory(folder)) { // createDirectories refuses links to folders before Java 19
      Files.createDirectories(folder);
    }
    Path unfinished = folder.resolve("." + file.getFileName() + "." + UUID.randomUUID() + ".tmp");
    try {
      Files.write(unfinished, content, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
      Files.move(
          unfinished, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(unfinished);
    }
  }
}
