package io.cityseg.store;

import static java.util.Objects.requireNonNull;

import io.cityseg.files.FileFailures;
import java.io.IOException;
import java.lang.ref.Cleaner;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Blobs that were fetched from a distant store, kept on this machine's disk: a folder with a size
 * limit that any number of processes share.
 *
 * <p>{@code sha256/ab/abcd…} are the blobs; they appear whole ({@code tmp/}, then renamed) and are
 * hashed every time that they are used, so that a damaged one is fetched again. When they come to
 * more than the limit, those go that were not used for longest. A file that was handed out is a
 * link of its own in {@code use/<process>/}: it stays as long as its {@link Path} object is held,
 * whatever becomes of the blob, and is on top of the limit. Links of processes that are gone go
 * when the cache is next opened.
 *
 * <p>It must belong to the user alone: whoever can write to it could change a file after it was
 * verified. Thread-safe.
 */
final class BlobCache {
  private static final Logger LOG = LoggerFactory.getLogger(BlobCache.class);

  /** Process ids are no names: in containers they are all the same. */
  private static final UUID THIS_PROCESS = UUID.randomUUID();

  private final Path directory;
  private final Path mine;
  private final CacheEviction eviction;
  private final Cleaner cleaner = Cleaner.create();
  private final AtomicLong links = new AtomicLong();
  private final AtomicBoolean saidFull = new AtomicBoolean();

  /** Held for as long as this process lives, so that others see that it does. */
  private final FileChannel alive;

  private BlobCache(Path directory, Path mine, FileChannel alive, long maxBytes) {
    this.directory = directory;
    this.mine = mine;
    this.alive = alive;
    this.eviction = new CacheEviction(blobs(directory), directory.resolve("evict.lock"), maxBytes);
  }

  /**
   * Opens a cache, and makes it when there is none.
   *
   * @param maxBytes at least 1; a blob that is larger is handed out and not kept
   * @throws StoreException when the folder cannot be used, or is somebody else's
   */
  static BlobCache open(Path folder, long maxBytes) throws StoreException {
    Path directory = requireNonNull(folder, "folder").toAbsolutePath().normalize();
    try {
      createPrivate(directory);
      Files.createDirectories(directory.resolve("tmp"));
      Files.createDirectories(blobs(directory));
      Path use = Files.createDirectories(directory.resolve("use"));
      try (FileChannel channel = channel(directory.resolve("cache.lock"));
          FileLock lock = LockedPlacement.lock(channel)) {
        requireValid(lock);
        removeLeftovers(use);
        String name = THIS_PROCESS + "-" + UUID.randomUUID();
        FileChannel alive = channel(use.resolve(name + ".lock"));
        requireValid(alive.lock());
        return new BlobCache(directory, Files.createDirectory(use.resolve(name)), alive, maxBytes);
      }
    } catch (IOException e) {
      throw new StoreException(
          "Cannot use %s as a cache: %s; correct the permissions or choose another folder with --cache-dir"
              .formatted(directory, FileFailures.reason(e)),
          e);
    }
  }

  /** The folder of this user's processes that name none. */
  static Path shared() {
    return Path.of(
        System.getProperty("java.io.tmpdir"), "cityseg-cache-" + System.getProperty("user.name"));
  }

  private static void createPrivate(Path directory) throws IOException {
    boolean posix = directory.getFileSystem().supportedFileAttributeViews().contains("posix");
    if (!Files.isDirectory(directory)) {
      Files.createDirectories(directory.getParent());
      if (!posix) {
        Files.createDirectories(directory);
        return;
      }
      try {
        Files.createDirectory(
            directory,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      } catch (FileAlreadyExistsException e) {
        LOG.debug("{} was made by somebody else in the same moment", directory);
      }
    }
    if (posix) {
      requirePrivate(directory);
    }
  }

  private static void requirePrivate(Path directory) throws IOException {
    Set<PosixFilePermission> permissions =
        Files.getPosixFilePermissions(directory, LinkOption.NOFOLLOW_LINKS);
    boolean open =
        permissions.contains(PosixFilePermission.GROUP_WRITE)
            || permissions.contains(PosixFilePermission.OTHERS_WRITE);
    Path probe = Files.createTempFile(directory, "owner", null);
    boolean own =
        Files.getOwner(probe).equals(Files.getOwner(directory, LinkOption.NOFOLLOW_LINKS));
    Files.delete(probe);
    if (open || !own) {
      throw new IOException(
          "others can write to it (%s, owner %s); a folder below it would do"
              .formatted(PosixFilePermissions.toString(permissions), Files.getOwner(directory)));
    }
  }

  /** What processes left that are gone: nobody holds the lock of their folder any more. */
  private static void removeLeftovers(Path use) throws IOException {
    try (DirectoryStream<Path> locks = Files.newDirectoryStream(use, "*.lock")) {
      for (Path lockFile : locks) {
        // closing a second channel to a file would release this process's lock on it (POSIX)
        if (lockFile.getFileName().toString().startsWith(THIS_PROCESS.toString())) {
          continue;
        }
        try (FileChannel channel = channel(lockFile);
            FileLock lock = channel.tryLock()) {
          if (lock == null) {
            continue;
          }
          String name = lockFile.getFileName().toString();
          Path folder = use.resolve(name.substring(0, name.length() - ".lock".length()));
          if (Files.isDirectory(folder)) {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
              for (Path file : files) {
                Files.deleteIfExists(file);
              }
            }
            Files.delete(folder);
          }
          Files.delete(lockFile);
        }
      }
    }
  }

  private static void requireValid(FileLock lock) throws IOException {
    if (!lock.isValid()) {
      throw new IOException("its lock was lost");
    }
  }

  private static FileChannel channel(Path file) throws IOException {
    return FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
  }

  private static Path blobs(Path directory) {
    return directory.resolve("sha256");
  }

  /** A file to fetch into; whoever asked for it deletes it or gives it to {@link #keep}. */
  Path newFile() throws StoreException {
    requireAlive();
    return directory.resolve("tmp").resolve(UUID.randomUUID().toString());
  }

  /** A blob's bytes, verified; nothing when they are not here or no more than {@code limit}. */
  Optional<byte[]> read(Digest digest, long limit) {
    Path blob = place(digest);
    try {
      if (Files.size(blob) > limit) {
        return Optional.empty();
      }
      byte[] content = Files.readAllBytes(blob);
      if (Digest.of(content).equals(digest)) {
        touch(blob);
        return Optional.of(content);
      }
      dropDamaged(blob);
    } catch (NoSuchFileException e) {
      LOG.trace("{} is not cached", digest);
    } catch (IOException e) {
      LOG.warn("The cached {} cannot be read and is fetched anew: {}", blob, e.toString());
    }
    return Optional.empty();
  }

  /** A read-only file with a blob's verified content, or nothing when it is not here. */
  Optional<Path> hold(Digest digest) throws StoreException {
    Path blob = place(digest);
    try {
      Path link = link(blob, digest);
      if (Digest.of(link).equals(digest)) {
        touch(blob);
        return Optional.of(goingWithItsPath(link));
      }
      Files.delete(link);
      dropDamaged(blob);
      return Optional.empty();
    } catch (NoSuchFileException e) {
      requireAlive();
      return Optional.empty();
    } catch (IOException e) {
      throw failure("hand out " + digest, e);
    }
  }

  /** Takes a file of {@link #newFile} over, and hands it out. */
  Path keep(Digest digest, Path file) throws StoreException {
    try {
      file.toFile().setReadOnly();
      long size = Files.size(file);
      Path link = link(file, digest);
      if (size > eviction.maxBytes()) {
        Files.delete(file);
      } else {
        move(file, place(digest));
        eviction.added(size);
      }
      return goingWithItsPath(link);
    } catch (IOException e) {
      throw failure("keep " + digest, e);
    }
  }

  /** Hands a file of {@link #newFile} out that is no blob to be kept. */
  Path handOut(Digest actual, Path file) throws StoreException {
    try {
      return goingWithItsPath(link(file, actual));
    } catch (IOException e) {
      throw failure("hand out " + actual, e);
    }
  }

  /** Keeps verified bytes. A cache that cannot take them is no reason to stop. */
  void offer(Digest digest, byte[] content) {
    if (content.length > eviction.maxBytes()) {
      return;
    }
    Path file = directory.resolve("tmp").resolve(UUID.randomUUID().toString());
    try {
      Files.write(file, content);
      move(file, place(digest));
      eviction.added(content.length);
    } catch (IOException e) {
      file.toFile().delete();
      if (!saidFull.getAndSet(true)) {
        LOG.warn(
            "{} could not be cached in {} and is fetched again when it is needed ({}); so may be others",
            digest.abbreviated(),
            directory,
            FileFailures.reason(e));
      }
    }
  }

  private void move(Path file, Path blob) throws IOException {
    Files.createDirectories(blob.getParent());
    Files.setLastModifiedTime(file, FileTime.from(Instant.now()));
    Files.move(file, blob, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private Path link(Path file, Digest digest) throws IOException {
    Path link = mine.resolve(links.incrementAndGet() + "-" + digest.abbreviated());
    try {
      Files.createLink(link, file);
    } catch (UnsupportedOperationException e) {
      LOG.debug("{} has no hard links: files are copied", directory);
      Files.copy(file, link);
    }
    return link;
  }

  /** The file is deleted when nobody holds this very object any more. */
  private Path goingWithItsPath(Path link) {
    String name = link.toString();
    cleaner.register(
        link,
        () -> {
          if (!Path.of(name).toFile().delete()) {
            LOG.debug("{} was gone already", name);
          }
        });
    return link;
  }

  private static void touch(Path blob) throws IOException {
    try {
      Files.setLastModifiedTime(blob, FileTime.from(Instant.now()));
    } catch (NoSuchFileException e) {
      LOG.debug("{} was removed from the cache while it was used", blob);
    }
  }

  private static void dropDamaged(Path blob) throws IOException {
    LOG.warn("The cached {} is damaged and is fetched anew", blob);
    Files.deleteIfExists(blob);
  }

  private Path place(Digest digest) {
    return blobs(directory).resolve(digest.hex().substring(0, 2)).resolve(digest.hex());
  }

  private void requireAlive() throws StoreException {
    if (!alive.isOpen() || !Files.isDirectory(mine)) {
      throw new StoreException(
          "Cannot use the cache %s: it was removed while it was in use; run again"
              .formatted(directory));
    }
  }

  private StoreException failure(String doing, IOException e) {
    return new StoreException(
        "Cannot %s from the cache %s: %s; free some space or choose another folder with --cache-dir"
            .formatted(doing, directory, FileFailures.reason(e)),
        e);
  }
}
