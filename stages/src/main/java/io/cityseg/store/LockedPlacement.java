package io.cityseg.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * For file systems without hard links (exFAT, some FUSE and SMB mounts): looks and moves while a
 * lock on one file of the store is held. As strong as the file system's locks: all users of the
 * store have to see them.
 */
final class LockedPlacement implements Placement {
  private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private final Path lockFile;
  private final ReentrantLock threads = new ReentrantLock();

  LockedPlacement(Path lockFile) {
    this.lockFile = lockFile;
  }

  @Override
  public boolean place(Path temporary, Path target) throws IOException {
    threads.lock();
    try (FileChannel channel =
            FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = lock(channel)) {
      if (!lock.isValid()) {
        throw new IOException("the lock of " + lockFile + " was lost");
      }
      if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
        return false;
      }
      Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
      return true;
    } finally {
      threads.unlock();
    }
  }

  /** Locks belong to the Java process: another instance in it is waited for by asking again. */
  static FileLock lock(FileChannel channel) throws IOException {
    while (true) {
      try {
        return channel.lock();
      } catch (OverlappingFileLockException e) {
        LockSupport.parkNanos(RETRY_NANOS);
      }
    }
  }
}
