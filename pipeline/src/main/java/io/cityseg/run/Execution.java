package io.cityseg.run;

import io.cityseg.store.StoreException;
import java.time.Duration;
import java.util.Optional;

/** A pipeline that is being carried out somewhere. */
interface Execution {
  /**
   * How it ended.
   *
   * @param failure the error's message, when it failed
   */
  record Ending(Optional<String> failure) {
    static final Ending DONE = new Ending(Optional.empty());

    static Ending failed(String message) {
      return new Ending(Optional.of(message));
    }
  }

  /** Waits for the end, at most so long; nothing while it goes on. */
  Optional<Ending> await(Duration time) throws InterruptedException, StoreException;

  /**
   * Whether a failure of a task may be followed by another attempt at it, so that only the end says
   * what came of it.
   */
  boolean retriesTasks();

  /** Ends it before its time, and waits a few seconds for that; what has ended stays as it is. */
  void cancel();
}
