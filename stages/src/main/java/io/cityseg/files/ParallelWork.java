package io.cityseg.files;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntConsumer;
import java.util.function.Supplier;

/** The same work on many things, some at a time. */
public final class ParallelWork {
  /** Items for each thread that are under way: a long one does not keep the others waiting. */
  private static final int AHEAD = 64;

  private ParallelWork() {}

  /** What is done with an item. */
  @FunctionalInterface
  public interface Task<T, R> {
    R apply(T item) throws Exception;
  }

  /** Takes results. */
  @FunctionalInterface
  public interface Taker<R, E extends Exception> {
    void take(R result) throws E;
  }

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
   * them.
   *
   * @param threads how many items are worked on at once, 1 or more
   * @param task is called by several threads; its unchecked exceptions end the work
   * @param taker is called by the calling thread
   */
  public static <T, R> void forEach(
      List<T> items, int threads, Function<? super T, ? extends R> task, Consumer<? super R> taker)
      throws InterruptedException {
    Iterator<T> left = items.iterator();
    try {
      ParallelWork.<T, R, RuntimeException>forEach(
          () -> left.hasNext() ? Optional.of(left.next()) : Optional.empty(),
          threads,
          task::apply,
          taker::accept);
    } catch (ExecutionException e) {
      throw new IllegalStateException("Work on a file failed: " + e.getCause(), e.getCause());
    }
  }

  /**
   * The same for items that come one by one and may be many: at most {@value #AHEAD} of them for
   * each thread are held.
   *
   * @param items the next one, nothing after the last; asked by the calling thread
   * @throws ExecutionException when the task fails: the cause says why; the items after it are left
   */
  public static <T, R, E extends Exception> void forEach(
      Supplier<Optional<T>> items,
      int threads,
      Task<? super T, ? extends R> task,
      Taker<? super R, E> taker)
      throws E, ExecutionException, InterruptedException {
    if (threads < 1) {
      throw new IllegalArgumentException(
          "Invalid number of threads: " + threads + " (must be 1 or more)");
    }
    // a thread is only made for work that is there
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      Queue<Future<R>> running = new ArrayDeque<>();
      for (Optional<T> item = items.get(); item.isPresent(); item = items.get()) {
        T next = item.get();
        running.add(pool.submit(() -> task.apply(next)));
        if (running.size() == AHEAD * threads) {
          taker.take(running.remove().get());
        }
      }
      while (!running.isEmpty()) {
        taker.take(running.remove().get());
      }
    } finally {
      pool.shutdownNow();
      // No thread may go on writing files when the caller thinks that it is over.
      while (!pool.awaitTermination(1, TimeUnit.MINUTES)) {
        pool.shutdownNow();
      }
    }
  }
}
