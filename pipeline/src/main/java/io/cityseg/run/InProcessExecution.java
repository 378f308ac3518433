package io.cityseg.run;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.beam.sdk.Pipeline;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A pipeline that runs in this process, and ends with it. */
final class InProcessExecution implements Execution {
  private static final Logger LOG = LoggerFactory.getLogger(InProcessExecution.class);

  private final FutureTask<Void> running;

  private InProcessExecution(FutureTask<Void> running) {
    this.running = running;
  }

  static InProcessExecution start(Pipeline pipeline) {
    FutureTask<Void> running =
        new FutureTask<>(
            () -> {
              pipeline.run().waitUntilFinish();
              return null;
            });
    Thread thread = new Thread(running, "cityseg-run");
    thread.setDaemon(true);
    thread.start();
    return new InProcessExecution(running);
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

  @Override
  public void cancel() {
    // its threads are daemons: they end with the process, whose end is why this is called
  }
}
