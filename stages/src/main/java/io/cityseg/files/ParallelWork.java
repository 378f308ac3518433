package io.cityseg.files;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
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
    List<R> results = new ArrayList<>();
    forEach(
        items,
        threads,
        task,
        result -> {
          results.add(result);
          finished.accept(results.size());
        });
    return results;
  }

  /**
   * Hands results over in the order of the items, whatever the number of threads, and keeps none of
   * them: all but those that wait for an earlier item's are gone.
   *
   * @param threads how many items are worked on at once, 1 or more
   * @param task is called by several threads; its unchecked exceptions end the work
   * @param taker is called by the calling thread
   */
  public static <T, R> void forEach(
      List<T> items, int threads, Function<? super T, ? extends R> task, Consumer<? super R> taker)
      throws InterruptedException {
    if (threads < 1) {
      throw new IllegalArgumentException(
          "Invalid number of threads: " + threads + " (must be 1 or more)");
    }
    ExecutorService pool = Executors.newFixedThreadPool(Math.min(threads, items.size() + 1));
    try {
      Queue<Future<R>> futures = new ArrayDeque<>();
      items.forEach(item -> futures.add(pool.submit(() -> task.apply(item))));
      while (!futures.isEmpty()) {
        taker.accept(futures.remove().get());
      }
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
