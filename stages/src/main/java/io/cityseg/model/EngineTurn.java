package io.cityseg.model;

import io.cityseg.stage.StageException;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The right to compute with the engine: one holder at a time in a JVM, in the order of asking.
 *
 * <p>The engine uses every core by itself and a network at work fills much of the memory, so two
 * pieces of work side by side would only slow each other down, and DJL lets only one gradient
 * collector be open in a JVM. Belongs to the thread that took it.
 */
public final class EngineTurn implements AutoCloseable {
  /**
   * The engine is one per process, and so is this lock, even where a Flink cluster has loaded this
   * class once for each of two jobs: it hangs where all class loaders see it.
   */
  private static final ReentrantLock LOCK =
      (ReentrantLock)
          System.getProperties()
              .computeIfAbsent("io.cityseg.engine.turn", name -> new ReentrantLock(true));

  private EngineTurn() {}

  /**
   * Waits for the engine.
   *
   * @throws InterruptedException when the thread is interrupted while it waits
   */
  public static EngineTurn take() throws InterruptedException {
    LOCK.lockInterruptibly();
    return new EngineTurn();
  }

  /**
   * Sets how many threads the engine may use during this turn; the one before may have used others.
   *
   * @param n 0 for as many as there are processors
   */
  public void threads(int n) throws StageException {
    TorchEngine.threads(n);
  }

  /** Gives the engine back. */
  @Override
  public void close() {
    LOCK.unlock();
  }
}
