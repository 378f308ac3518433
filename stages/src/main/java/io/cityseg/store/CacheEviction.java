package io.cityseg.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Keeps a folder of blobs below a number of bytes, by deleting those that were not used for
 * longest. The folder is looked through when this process has added a sixteenth of the limit since
 * the last time, so several processes together may be above the limit by that much each.
 * Thread-safe.
 */
final class CacheEviction {
  private static final int LOOKS_PER_LIMIT = 16;

  private final Path blobs;
  private final Path lockFile;
  private final long maxBytes;

  /** Unknown before the first look. */
  private long untilNextLook;

  private record Kept(Path file, long size, FileTime used) {}

  CacheEviction(Path blobs, Path lockFile, long maxBytes) {
    this.blobs = blobs;
    this.lockFile = lockFile;
    this.maxBytes = maxBytes;
  }

  long maxBytes() {
    return maxBytes;
  }

  /** To be told of every blob that was added. */
  synchronized void added(long bytes) throws IOException {
    untilNextLook -= bytes;
    if (untilNextLook >= 0) {
      return;
    }
    try (FileChannel channel =
            FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock()) {
      if (lock != null) {
        untilNextLook = Math.min(maxBytes / LOOKS_PER_LIMIT, maxBytes - evict());
      }
    } catch (OverlappingFileLockException e) {
      // another instance in this process looks already
      untilNextLook = 0;
    }
  }

  /** Deletes what is too much; returns what is left, in bytes. */
  private long evict() throws IOException {
    List<Kept> all = list();
    long total = all.stream().mapToLong(Kept::size).sum();
    if (total <= maxBytes) {
      return total;
    }
    // a tenth is freed at once, so that it is not looked through again for every blob
    long goal = maxBytes - maxBytes / 10;
    all.sort(Comparator.comparing(Kept::used));
    for (Kept oldest : all) {
      if (total <= goal) {
        break;
      }
      Files.deleteIfExists(oldest.file());
      total -= oldest.size();
    }
    return total;
  }

  private List<Kept> list() throws IOException {
    List<Kept> all = new ArrayList<>();
    Files.walkFileTree(
        blobs,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            all.add(new Kept(file, attributes.size(), attributes.lastModifiedTime()));
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException failure) {
            // another process deleted it meanwhile
            return FileVisitResult.CONTINUE;
          }
        });
    return all;
  }
}
