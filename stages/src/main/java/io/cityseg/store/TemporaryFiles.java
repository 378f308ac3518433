package io.cityseg.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Files that are being written and have no name as an object yet.
 *
 * <p>A file's name says when it was begun ({@code <milliseconds>-<random>}), because a sealed
 * file's modification time does not.
 */
final class TemporaryFiles {
  private static final Duration STALE_AFTER = Duration.ofDays(1);
  private static final Pattern NAME = Pattern.compile("(\\d{1,18})-.+");

  private final Path directory;
  private final Clock clock;

  TemporaryFiles(Path directory, Clock clock) {
    this.directory = directory;
    this.clock = clock;
  }

  Path directory() {
    return directory;
  }

  Path lockFile() {
    return directory.resolve("placement.lock");
  }

  /** Writes bytes to a new file and forces them to the disk; leaves nothing when it fails. */
  Path write(byte[] content, boolean sealed) throws IOException {
    Path file = next();
    try (FileChannel out = create(file)) {
      ByteBuffer buffer = ByteBuffer.wrap(content);
      while (buffer.hasRemaining()) {
        out.write(buffer);
      }
      if (sealed) {
        Seal.putOn(file);
      }
      out.force(true);
      return file;
    } catch (IOException e) {
      throw withoutLeftover(file, e);
    }
  }

  /** Copies a file to a new sealed file; leaves nothing when it fails. */
  Path copy(Path content, long size) throws IOException {
    Path file = next();
    try (FileChannel in = FileChannel.open(content);
        FileChannel out = create(file)) {
      long copied = 0;
      for (long n = -1; copied < size && n != 0; copied += n) {
        n = in.transferTo(copied, size - copied, out);
      }
      if (copied != size || in.size() != size) {
        throw new IOException(content + " changed while it was copied");
      }
      Seal.putOn(file);
      out.force(true);
      return file;
    } catch (IOException e) {
      throw withoutLeftover(file, e);
    }
  }

  /** Whether hard links work here; also shows that the directory can be written and listed. */
  boolean supportHardLinks() throws IOException {
    Path probe = write(new byte[] {1}, true);
    Path link = next();
    try {
      return new HardLinkPlacement().place(probe, link);
    } catch (IOException | UnsupportedOperationException e) {
      return false;
    } finally {
      Files.deleteIfExists(link);
      Files.deleteIfExists(probe);
    }
  }

  /** Removes what killed processes left more than a day ago. */
  void deleteStale() throws IOException {
    Instant limit = clock.instant().minus(STALE_AFTER);
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        Optional<Instant> begun = begun(file);
        if (begun.isPresent() && begun.get().isBefore(limit)) {
          Files.deleteIfExists(file);
        }
      }
    }
  }

  /** Forces a directory's entries to the disk. */
  static void force(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory)) {
      channel.force(true);
    }
  }

  private static Optional<Instant> begun(Path file) {
    Matcher name = NAME.matcher(file.getFileName().toString());
    return name.matches()
        ? Optional.of(Instant.ofEpochMilli(Long.parseLong(name.group(1))))
        : Optional.empty();
  }

  private Path next() {
    return directory.resolve(clock.millis() + "-" + UUID.randomUUID());
  }

  private static FileChannel create(Path file) throws IOException {
    return FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
  }

  private static IOException withoutLeftover(Path file, IOException failure) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
    return failure;
  }
}
