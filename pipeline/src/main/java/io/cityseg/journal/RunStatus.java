package io.cityseg.journal;

/** What a run's record says of it. */
public final class RunStatus {
  /** Its stages all have a result. */
  public static final String DONE = "done";

  /** A stage failed. */
  public static final String FAILED = "failed";

  /** It was stopped by a signal. */
  public static final String INTERRUPTED = "interrupted";

  /** It is under way, or was killed without a chance to say so. */
  public static final String RUNNING = "running";

  /** Its client is gone; never in a stored record. */
  public static final String KILLED = "killed";

  private RunStatus() {}
}
