package io.cityseg.store;

import static java.util.Objects.requireNonNull;

import io.cityseg.files.FileFailures;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Objects as files in a directory: object {@code a/b} is the file {@code <root>/a/b}.
 *
 * <p><b>Whole or not at all.</b> An object is written to {@code <root>/tmp/}, forced to the disk
 * and only then given its name, atomically ({@link Placement}). A process that is killed leaves at
 * most a file in {@code tmp/}; files there whose process is gone, or that are older than a day, are
 * removed when the directory is opened.
 *
 * <p><b>Seals.</b> An object that was created (not replaced) is read-only and carries a fixed
 * modification time ({@link Seal}). Any ordinary modification changes that time, so {@link #file}
 * takes the content of a sealed file as verified without hashing it again, and hashes any other
 * file; one that matches is sealed again. What changes bytes without changing the time (bit rot) is
 * found by {@link ArtifactStore#read}, which always hashes; a change of length is found by {@link
 * ArtifactStore}, which compares sizes.
 *
 * <p>Safe for use by any number of threads and processes of one machine, and over network file
 * systems whose hard links are atomic (NFS). What is deliberately not done: removing directories
 * that have become empty, which would race with creators.
 */
public final class LocalObjects implements ObjectStorage {
  private static final Logger LOG = LoggerFactory.getLogger(LocalObjects.class);

  private final Path root;
  private final TemporaryFiles temporaries;
  private final LocalWriter writer;
  private final LocalListing listing;

  private LocalObjects(Path root, TemporaryFiles temporaries, Placement placement) {
    this.root = root;
    this.temporaries = temporaries;
    this.writer = new LocalWriter(root, temporaries, placement);
    this.listing = new LocalListing(root, temporaries.directory());
  }

  /**
   * Opens a directory as a store, and makes it when there is none.
   *
   * @throws StoreException when it cannot be made, read or written
   */
  public static LocalObjects open(Path root) throws StoreException {
    return open(root, Clock.systemUTC());
  }

  static LocalObjects open(Path root, Clock clock) throws StoreException {
    Path directory = requireNonNull(root, "root").toAbsolutePath().normalize();
    TemporaryFiles temporaries = createDirectories(directory, clock);
    try {
      temporaries.deleteStale();
      Placement placement =
          temporaries.supportHardLinks()
              ? new HardLinkPlacement()
              : new LockedPlacement(temporaries.lockFile());
      return new LocalObjects(directory, temporaries, placement);
    } catch (IOException e) {
      throw new StoreException(
          "Cannot use %s as a store: it cannot be read and written (%s); correct the permissions or choose another directory"
              .formatted(directory, FileFailures.reason(e)),
          e);
    }
  }

  /** Whether a directory is there and lets itself be opened for writing. */
  static boolean isWritable(Path root) {
    Path temporaries = root.resolve("tmp");
    return Files.isDirectory(root)
        && Files.isWritable(root)
        && (Files.isWritable(temporaries) || !Files.exists(temporaries));
  }

  /**
   * Opens a directory that is there and only read from; it need not be writable. Writing to it
   * fails with the reason that the file system gives.
   *
   * @throws StoreException when it is not there or cannot be read
   */
  static LocalObjects openForReading(Path root) throws StoreException {
    Path directory = requireNonNull(root, "root").toAbsolutePath().normalize();
    if (!Files.isDirectory(directory)) {
      throw new StoreException("There is no store at %s; correct the address".formatted(directory));
    }
    if (!Files.isReadable(directory) || !Files.isExecutable(directory)) {
      throw new StoreException(
          "Cannot read the store %s: permission denied; correct the permissions"
              .formatted(directory));
    }
    return new LocalObjects(
        directory,
        new TemporaryFiles(directory.resolve("tmp"), Clock.systemUTC()),
        new HardLinkPlacement());
  }

  /** Opens a directory with a given way of placing files; for tests of that way. */
  static LocalObjects open(Path root, Clock clock, Placement placement) throws StoreException {
    Path directory = root.toAbsolutePath().normalize();
    return new LocalObjects(directory, createDirectories(directory, clock), placement);
  }

  private static TemporaryFiles createDirectories(Path directory, Clock clock)
      throws StoreException {
    if (Files.exists(directory) && !Files.isDirectory(directory)) {
      throw new StoreException(
          "Cannot use %s as a store: it is a file, not a directory; choose another place"
              .formatted(directory));
    }
    try {
      return new TemporaryFiles(Files.createDirectories(directory.resolve("tmp")), clock);
    } catch (IOException e) {
      throw new StoreException(
          "Cannot use %s as a store: it cannot be %s (%s); correct the permissions or choose another directory"
              .formatted(
                  directory,
                  Files.isDirectory(directory) ? "written" : "created",
                  FileFailures.reason(e)),
          e);
    }
  }

  @Override
  public boolean createIfAbsent(String name, byte[] content) throws StoreException {
    Path target = target(name);
    return writer.create(name, target, content.length, () -> temporaries.write(content, true));
  }

  @Override
  public boolean createIfAbsent(String name, Path content) throws StoreException {
    Path target = target(name);
    long size;
    try {
      if (Files.isDirectory(content)) {
        throw new IOException("it is a folder, not a file");
      }
      size = Files.size(content);
    } catch (IOException e) {
      throw new StoreException(
          "Cannot read %s to store it as %s: %s".formatted(content, name, FileFailures.reason(e)),
          e);
    }
    return writer.create(name, target, size, () -> temporaries.copy(content, size));
  }

  @Override
  public void replace(String name, byte[] content) throws StoreException {
    writer.replace(name, target(name), content);
  }

  @Override
  public Optional<byte[]> read(String name, long limit) throws StoreException {
    Path target = target(name);
    if (Files.isDirectory(target)) {
      return Optional.empty();
    }
    try (FileChannel channel = FileChannel.open(target)) {
      long size = channel.size();
      if (size > Math.min(limit, ArtifactStore.MAX_IN_MEMORY_BYTES)) {
        throw new StoreException(
            "Cannot read %s from %s: it has %d bytes, and at most %d are expected"
                .formatted(name, root, size, limit));
      }
      ByteBuffer content = ByteBuffer.allocate((int) size);
      while (content.hasRemaining()) {
        if (channel.read(content) < 0) {
          throw new StoreException(
              "Cannot read %s from %s: it became shorter while it was read".formatted(name, root));
        }
      }
      return Optional.of(content.array());
    } catch (NoSuchFileException e) {
      return absent(name);
    } catch (IOException e) {
      throw LocalFailures.reading(root, name, e);
    }
  }

  @Override
  public Optional<InputStream> open(String name) throws StoreException {
    Path target = target(name);
    if (Files.isDirectory(target)) {
      return Optional.empty();
    }
    try {
      return Optional.of(Files.newInputStream(target));
    } catch (NoSuchFileException e) {
      return absent(name);
    } catch (IOException e) {
      throw LocalFailures.reading(root, name, e);
    }
  }

  @Override
  public Optional<ObjectEntry> stat(String name) throws StoreException {
    try {
      BasicFileAttributes attributes =
          Files.readAttributes(target(name), BasicFileAttributes.class);
      return attributes.isRegularFile()
          ? Optional.of(new ObjectEntry(name, attributes.size()))
          : Optional.empty();
    } catch (NoSuchFileException e) {
      return absent(name);
    } catch (IOException e) {
      throw LocalFailures.reading(root, name, e);
    }
  }

  @Override
  public List<ObjectEntry> list(String prefix) throws StoreException {
    return listing.below(prefix, (name, file) -> new ObjectEntry(name, file.size()));
  }

  @Override
  public List<ObjectState> states(String prefix) throws StoreException {
    return listing.below(prefix, LocalListing::state);
  }

  @Override
  public boolean delete(String name) throws StoreException {
    Path target = target(name);
    try {
      if (Files.isRegularFile(target)) {
        return Files.deleteIfExists(target);
      }
    } catch (IOException e) {
      throw LocalFailures.deleting(root, name, e);
    }
    return LocalFailures.requireThere(root, "delete " + name + " from", false);
  }

  @Override
  public Optional<VerifiedFile> file(String name, Digest expected) throws StoreException {
    Path target = target(name);
    try {
      BasicFileAttributes before = Files.readAttributes(target, BasicFileAttributes.class);
      if (!before.isRegularFile()) {
        return Optional.empty();
      }
      if (Seal.isOn(before) && (before.size() == 0) == expected.equals(Digest.OF_NOTHING)) {
        return Optional.of(new VerifiedFile(target, expected, false));
      }
      Digest actual = Digest.of(target);
      if (actual.equals(expected)) {
        sealAgain(target, before);
      }
      return Optional.of(new VerifiedFile(target, actual, true));
    } catch (NoSuchFileException e) {
      return absent(name);
    } catch (IOException e) {
      throw LocalFailures.reading(root, name, e);
    }
  }

  @Override
  public TemporaryFile temporaryFile() throws StoreException {
    try {
      return new TemporaryFile(writer.temporary());
    } catch (IOException e) {
      throw LocalFailures.writing(root, "tmp/", 0, e);
    }
  }

  @Override
  public String location() {
    return root.toString();
  }

  /** An optimisation that may fail: another user's file is hashed at every use. */
  private static void sealAgain(Path file, BasicFileAttributes before) throws IOException {
    BasicFileAttributes after = Files.readAttributes(file, BasicFileAttributes.class);
    if (after.size() != before.size()
        || !after.lastModifiedTime().equals(before.lastModifiedTime())) {
      return;
    }
    try {
      Seal.putOn(file);
    } catch (IOException e) {
      LOG.debug("{} cannot be sealed and will be hashed again: {}", file, e.toString());
    }
  }

  private <T> Optional<T> absent(String name) throws StoreException {
    return LocalFailures.requireThere(root, "read " + name + " from", Optional.empty());
  }

  private Path target(String name) {
    return root.resolve(ObjectNames.require(name));
  }
}
