package io.cityseg.ingest;

import io.cityseg.proto.Progress;
import io.cityseg.stage.ProgressSink;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Reads a data set's files, several at once. */
final class FilesAtOnce {
  private FilesAtOnce() {}

  /** What is done with a file, by one of several threads. */
  @FunctionalInterface
  interface Reading<F, R> {
    R read(F file) throws Exception;
  }

  /**
   * Results in the order of the files.
   *
   * @param files are taken out, so that what was needed to find a file goes when it has been read
   * @param threads how many files are read at once, 1 or more
   * @param progress is told the number of files done
   * @throws ExecutionException when a file cannot be read: the cause says why; the others are left
   */
  static <F, R> List<R> read(
      Queue<F> files, int threads, Reading<F, R> reading, ProgressSink progress)
      throws ExecutionException, InterruptedException {
    ExecutorService readers = Executors.newFixedThreadPool(threads);
    try {
      List<Future<R>> pending = new ArrayList<>();
      while (!files.isEmpty()) {
        F file = files.remove();
        pending.add(readers.submit(() -> reading.read(file)));
      }
      List<R> results = new ArrayList<>();
      for (Future<R> one : pending) {
        results.add(one.get());
        progress.tell(
            Progress.newBuilder()
                .setStage(IngestStage.NAME)
                .setSubject("scan")
                .setDone(results.size())
                .setTotal(pending.size())
                .setUnit("files")
                .build());
      }
      return results;
    } finally {
      readers.shutdownNow();
    }
  }
}
