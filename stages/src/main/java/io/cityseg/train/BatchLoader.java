package io.cityseg.train;

import io.cityseg.evaluate.Batch;
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

/**
 * Makes batches on a thread of its own, one ahead of the network.
 *
 * <p>Two buffers are used in turn, so memory does not grow with the epochs. The methods are for one
 * thread.
 */
final class BatchLoader implements AutoCloseable {
  /** One that the network reads, and one that is filled meanwhile. */
  private static final int BUFFERS = 2;

  private final List<ByteBuffer> buffers = new ArrayList<>();
  private final ExecutorService worker =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread thread = new Thread(task, "cityseg-batches");
            thread.setDaemon(true);
            return thread;
          });

  /**
   * @param images the most images in a batch
   * @param height rows of every image
   * @param width columns of every image
   */
  BatchLoader(int images, int height, int width) {
    for (int i = 0; i < BUFFERS; i++) {
      buffers.add(Batch.newBuffer(images, height, width));
    }
  }

  /** Batches of a split in an order. One pass must end, or be given up, before the next begins. */
  Pass pass(SplitExamples examples, List<List<Pick>> order) {
    return new Pass(examples, order);
  }

  /** Stops the thread; a batch in the making is given up. */
  @Override
  public void close() {
    worker.shutdownNow();
    try {
      // A batch takes milliseconds. Whoever does not wait for it loses nothing: it is nobody's.
      if (!worker.awaitTermination(1, TimeUnit.MINUTES)) {
        throw new IllegalStateException("A batch has not been finished for a minute");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** One way through a split. */
  final class Pass {
    private final SplitExamples examples;
    private final List<List<Pick>> order;
    private final Queue<Future<Batch>> pending = new ArrayDeque<>();
    private int submitted;

    private Pass(SplitExamples examples, List<List<Pick>> order) {
      this.examples = examples;
      this.order = order;
      submit();
    }

    boolean hasNext() {
      return !pending.isEmpty();
    }

    /** The next batch, which is good until the one after it is asked for. */
    Batch next() throws StageException, InterruptedException {
      try {
        Batch batch = pending.remove().get();
        submit(); // into the buffer of the batch before this one
        return batch;
      } catch (ExecutionException e) {
        if (e.getCause() instanceof StageException failure) {
          throw failure;
        }
        if (e.getCause() instanceof Error error) {
          throw error;
        }
        throw new StageException("Cannot make a batch: " + e.getCause().getMessage(), e.getCause());
      }
    }

    private void submit() {
      if (submitted < order.size()) {
        List<Pick> picks = order.get(submitted);
        ByteBuffer buffer = buffers.get(submitted % buffers.size());
        pending.add(worker.submit(() -> examples.batch(picks, buffer)));
        submitted++;
      }
    }
  }
}
