package io.cityseg.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
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
 * <p>A file's name says when it was begun, because a sealed file's modification time does not, and
 * by whom: {@code <milliseconds>-<process id>-<place>-<random>}. The place is the machine and its
 * space of process ids (containers have their own), so that nobody takes another machine's process
 * for a dead one.
 */
final class TemporaryFiles {
  private static final Duration STALE_AFTER = Duration.ofDays(1);
  private static final Duration CLOCK_TOLERANCE = Duration.ofSeconds(5);
  private static final Pattern NAME =
      Pattern.compile("(\\d{1,18})-(?:(\\d{1,18})-([0-9a-f]{8})-)?.+");
  private static final Path PROCESS_SPACE = Path.of("/proc/self/ns/pid");

  private final Path directory;
  private final Clock clock;
  private final String place = place();

  TemporaryFiles(Path directory, Clock clock) {
    this.directory = directory;
    this.clock = clock;
  }

  /** A new file without content. */
  Path empty() throws IOException {
    return Files.createFile(next());
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

  /**
   * Removes what processes of this machine left that are gone, and whatever is older than a day.
   */
  void deleteStale() throws IOException {
    Instant limit = clock.instant().minus(STALE_AFTER);
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        Matcher name = NAME.matcher(file.getFileName().toString());
        if (name.matches()) {
          Instant begun = Instant.ofEpochMilli(Long.parseLong(name.group(1)));
          if (begun.isBefore(limit) || isOrphan(name, begun)) {
            Files.deleteIfExists(file);
          }
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

  /** Whether the process that began it is gone; another may have its number by now. */
  private boolean isOrphan(Matcher name, Instant begun) {
    if (!place.equals(name.group(3))) {
      return false;
    }
    long id = Long.parseLong(name.group(2));
    if (id == ProcessHandle.current().pid()) {
      return false;
    }
    Optional<ProcessHandle> process = ProcessHandle.of(id);
    return process.isEmpty()
        || process
            .get()
            .info()
            .startInstant()
            .filter(start -> start.minus(CLOCK_TOLERANCE).isAfter(begun))
            .isPresent();
  }

  private Path next() {
    return directory.resolve(
        "%d-%d-%s-%s"
            .formatted(clock.millis(), ProcessHandle.current().pid(), place, UUID.randomUUID()));
  }

  /** Eight digits for this machine and its space of process ids. */
  private static String place() {
    String space;
    try {
      space = Files.readSymbolicLink(PROCESS_SPACE).toString();
    } catch (IOException | UnsupportedOperationException e) {
      // not Linux: a machine has one
      space = "";
    }
    String name = ThisHost.name().orElse("") + "\n" + space;
    return Digest.of(name.getBytes(StandardCharsets.UTF_8)).hex().substring(0, 8);
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
