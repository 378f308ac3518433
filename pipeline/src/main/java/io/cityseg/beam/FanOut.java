package io.cityseg.beam;

import java.io.Serializable;

/**
 * How the pieces of a call get to run side by side.
 *
 * @param reshuffled whether they are spread over the runner's workers
 * @param threads how many of them a worker runs at once, at least 1
 */
public record FanOut(boolean reshuffled, int threads) implements Serializable {
  /** The runner's workers take the pieces one at a time each. */
  public static final FanOut OVER_WORKERS = new FanOut(true, 1);

  public FanOut {
    if (threads < 1) {
      throw new IllegalArgumentException("Invalid threads: " + threads + " (must be at least 1)");
    }
  }

  /** A single worker runs so many pieces at once. */
  public static FanOut inOneWorker(int threads) {
    return new FanOut(false, threads);
  }
}
