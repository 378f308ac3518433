package io.cityseg.train;

import static java.util.Objects.requireNonNull;

import io.cityseg.evaluate.Batch;
import io.cityseg.evaluate.BatchFilling;
import io.cityseg.stage.StageException;
import io.cityseg.train.EpochOrder.Pick;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes batches ahead of the network, on threads of its own: every image of a batch is a task, so
 * that all threads work on the batch that is wanted first. Which thread makes what changes nothing.
 *
 * <p>One buffer more than there are batches ahead is used in turn, so memory does not grow with the
 * epochs. The methods are for one thread.
 *
 * <p>What is not done: on a GPU the engine copies a batch from these buffers when the step begins,
 * and waits for the copy. DJL 0.35 can neither pin memory nor copy on another stream (its {@code
 * NDManager.create} is a blocking {@code to(device)}).
 */
final class BatchLoader implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(BatchLoader.class);

  private final List<ByteBuffer> buffers = new ArrayList<>();
  private final ExecutorService workers;
  private Pass current;

  /**
   * @param threads that make images, at least 1
   * @param ahead batches that are made before they are asked for, at least 1
   * @param pixels the most pixels in a batch
   */
  BatchLoader(int threads, int ahead, int pixels) {
    if (threads < 1 || ahead < 1) {
      throw new IllegalArgumentException(
          "Invalid loader: %d threads, %d batches ahead (must be at least 1)"
              .formatted(threads, ahead));
    }
    for (int i = 0; i <= ahead; i++) {
      buffers.add(Batch.newBuffer(pixels));
    }
    var number = new AtomicInteger();
    this.workers =
        Executors.newFixedThreadPool(
            threads,
            task -> {
              Thread thread = new Thread(task, "cityseg-batches-" + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
  }

  /** Batches of examples in an order. A pass before it is given up. */
  Pass pass(Examples examples, List<List<Pick>> order) throws InterruptedException {
    if (current != null) {
      current.giveUp();
    }
    current = new Pass(examples, order);
    return current;
  }

  /** Stops the threads; batches in the making are given up. */
  @Override
  public void close() {
    workers.shutdownNow();
    try {
      // An image takes milliseconds. Whoever does not wait for it loses nothing: it is nobody's.
      if (!workers.awaitTermination(1, TimeUnit.MINUTES)) {
        throw new IllegalStateException("A batch has not been finished for a minute");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private record Making(BatchFilling filling, List<Future<?>> images) {}

  /** One way through some examples. */
  final class Pass {
    private final Examples examples;
    private final List<List<Pick>> order;
    private final Queue<Making> pending = new ArrayDeque<>();
    private int submitted;
    private int taken;
    private long waitedNanos;
    private volatile boolean givenUp;

    private Pass(Examples examples, List<List<Pick>> order) {
      this.examples = requireNonNull(examples, "examples");
      this.order = requireNonNull(order, "order");
    }

    boolean hasNext() {
      return taken < order.size();
    }

    /** The next batch, which is good until the one after it is asked for. */
    Batch next() throws StageException, InterruptedException {
      // The buffer of the batch before is free from now on.
      while (submitted < order.size() && submitted < taken + buffers.size()) {
        submit();
      }
      taken++;
      Making making = pending.element();
      long asked = System.nanoTime();
      for (Future<?> image : making.images()) {
        finish(image);
      }
      waitedNanos = System.nanoTime() - asked;
      pending.remove();
      return making.filling().batch();
    }

    /** How long the batch that came last was waited for. */
    long waitedNanos() {
      return waitedNanos;
    }

    private void submit() throws StageException {
      List<Pick> picks = order.get(submitted);
      ByteBuffer buffer = buffers.get(submitted % buffers.size());
      BatchFilling filling;
      try {
        filling = new BatchFilling(picks.size(), examples.height(), examples.width(), buffer);
      } catch (IllegalArgumentException e) {
        throw new StageException("Cannot use the shards: " + e.getMessage(), e);
      }
      List<Future<?>> images = new ArrayList<>(picks.size());
      for (int i = 0; i < picks.size(); i++) {
        int place = i;
        images.add(
            workers.submit(
                () -> {
                  if (!givenUp) {
                    filling.putPadded(place, examples.member(picks.get(place)));
                  }
                  return null;
                }));
      }
      pending.add(new Making(filling, images));
      submitted++;
    }

    private static void finish(Future<?> image) throws StageException, InterruptedException {
      try {
        image.get();
      } catch (ExecutionException e) {
        if (e.getCause() instanceof StageException failure) {
          throw failure;
        }
        if (e.getCause() instanceof Error error) {
          throw error;
        }
        throw new StageException(
            "Cannot use the shards: " + e.getCause().getMessage(), e.getCause());
      }
    }

    /** Makes sure that nobody writes into the buffers any more. */
    private void giveUp() throws InterruptedException {
      givenUp = true;
      for (Making making : pending) {
        for (Future<?> image : making.images()) {
          try {
            image.get();
          } catch (ExecutionException e) {
            LOG.debug("A batch that nobody wants could not be made", e);
          }
        }
      }
      pending.clear();
    }
  }
}
