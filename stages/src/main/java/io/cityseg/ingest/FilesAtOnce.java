package io.cityseg.ingest;

import io.cityseg.store.StoreException;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Reads files, several at once, and gives their results in the files' order. */
final class FilesAtOnce {
  /** For each thread, so that one large file does not keep the others waiting. */
  private static final int AHEAD = 64;

  private FilesAtOnce() {}

  /** Where the files come from. */
  @FunctionalInterface
  interface Source<F> {
    /** The next file; nothing after the last. */
    Optional<F> next() throws IOException;
  }

  /** What is done with a file, by one of several threads. */
  @FunctionalInterface
  interface Reading<F, R> {
    R read(F file) throws Exception;
  }

  /** Where the results go. */
  @FunctionalInterface
  interface Results<R> {
    void add(R result) throws StoreException;
  }

  /**
   * Reads all files. At most {@value #AHEAD} a thread are under way; files are asked for, and
   * results are told, by the calling thread.
   *
   * @param threads how many files are read at once, 1 or more
   * @throws ExecutionException when a file cannot be read: the cause says why; the others are left
   */
  static <F, R> void read(Source<F> files, int threads, Reading<F, R> reading, Results<R> results)
      throws ExecutionException, IOException, StoreException, InterruptedException {
    ExecutorService readers = Executors.newFixedThreadPool(threads);
    try {
      Queue<Future<R>> pending = new ArrayDeque<>();
      for (Optional<F> file = files.next(); file.isPresent(); file = files.next()) {
        F next = file.get();
        pending.add(readers.submit(() -> reading.read(next)));
        if (pending.size() == AHEAD * threads) {
          results.add(pending.remove().get());
        }
      }
      while (!pending.isEmpty()) {
        results.add(pending.remove().get());
      }
    } finally {
      readers.shutdownNow();
    }
  }
}
