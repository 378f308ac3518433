package io.cityseg.files;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.IntConsumer;

/** The same work on many things, some at a time. */
public final class ParallelWork {
  private ParallelWork() {}

  /**
   * Results in the order of the items, whatever the number of threads.
   *
   * @param threads how many items are worked on at once, 1 or more
   * @param task is called by several threads; its unchecked exceptions end the work
   * @param finished is told the number of results so far, by the calling thread
   */
  public static <T, R> List<R> map(
      List<T> items, int threads, Function<? super T, ? extends R> task, IntConsumer finished)
      throws InterruptedException {
    if (threads < 1) {
      throw new IllegalArgumentException(
          "Invalid number of threads: " + threads + " (must be 1 or more)");
    }
    ExecutorService pool = Executors.newFixedThreadPool(Math.min(threads, items.size() + 1));
    try {
      List<Future<R>> futures = new ArrayList<>();
      items.forEach(item -> futures.add(pool.submit(() -> task.apply(item))));
      List<R> results = new ArrayList<>();
      for (Future<R> future : futures) {
        results.add(future.get());
        finished.accept(results.size());
      }
      return results;
    } catch (ExecutionException e) {
      throw new IllegalStateException("Work on a file failed: " + e.getCause(), e.getCause());
    } finally {
      pool.shutdownNow();
      // No thread may go on writing files when the caller thinks that it is over.
      while (!pool.awaitTermination(1, TimeUnit.MINUTES)) {
        pool.shutdownNow();
      }
    }
  }
}
