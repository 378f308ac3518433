package io.cityseg.run;

import io.cityseg.graph.Graph;
import io.cityseg.graph.Node;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.beam.sdk.Pipeline;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A pipeline that runs in this process, and ends with it. */
final class InProcessExecution implements Execution {
  private static final Logger LOG = LoggerFactory.getLogger(InProcessExecution.class);

  private static final Duration STOPPED_WITHIN = Duration.ofSeconds(20);

  /** What the threads are called that run pieces: as their nodes. */
  private static final Set<String> PIECES =
      Graph.nodes().stream().map(Node::name).collect(Collectors.toSet());

  private final FutureTask<Void> running;
  private final ThreadGroup threads;

  private InProcessExecution(FutureTask<Void> running, ThreadGroup threads) {
    this.running = running;
    this.threads = threads;
  }

  static InProcessExecution start(Pipeline pipeline) {
    FutureTask<Void> running =
        new FutureTask<>(
            () -> {
              pipeline.run().waitUntilFinish();
              return null;
            });
    // the runner's own threads come to be in the same group
    ThreadGroup threads = new ThreadGroup("cityseg-run");
    Thread thread = new Thread(threads, running, "cityseg-run");
    thread.setDaemon(true);
    thread.start();
    return new InProcessExecution(running, threads);
  }

  @Override
  public Optional<Ending> await(Duration time) throws InterruptedException {
    try {
      running.get(time.toMillis(), TimeUnit.MILLISECONDS);
      return Optional.of(Ending.DONE);
    } catch (TimeoutException e) {
      return Optional.empty();
    } catch (ExecutionException e) {
      LOG.debug("The pipeline failed", e.getCause());
      return Optional.of(Ending.failed(Causes.rootMessage(e.getCause())));
    }
  }

  @Override
  public boolean retriesTasks() {
    return false;
  }

  /**
   * Stops the pieces and waits for them, since the process is about to end: an engine that still
   * computed while its library is taken apart would crash it.
   */
  @Override
  public void cancel() {
    long deadline = System.nanoTime() + STOPPED_WITHIN.toNanos();
    try {
      for (List<Thread> pieces = pieces(); !pieces.isEmpty(); pieces = pieces()) {
        if (System.nanoTime() > deadline) {
          LOG.warn("A piece does not end: {}", pieces);
          return;
        }
        pieces.forEach(Thread::interrupt);
        TimeUnit.MILLISECONDS.sleep(50);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private List<Thread> pieces() {
    Thread[] alive = new Thread[2 * threads.activeCount() + 64];
    int count = threads.enumerate(alive);
    return Stream.of(alive)
        .limit(count)
        .filter(thread -> PIECES.contains(thread.getName()))
        .toList();
  }
}
