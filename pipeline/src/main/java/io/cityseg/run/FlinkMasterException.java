package io.cityseg.run;

/** A Flink cluster that cannot be used: it does not answer, or is not what this program needs. */
public final class FlinkMasterException extends Exception {
  private final boolean unreachable;

  private FlinkMasterException(String message, boolean unreachable, Throwable cause) {
    super(message, cause);
    this.unreachable = unreachable;
  }

  FlinkMasterException(String message) {
    this(message, false, null);
  }

  FlinkMasterException(String message, Throwable cause) {
    this(message, false, cause);
  }

  /** The master did not answer; it may later. */
  static FlinkMasterException unreachable(String message, Throwable cause) {
    return new FlinkMasterException(message, true, cause);
  }

  /** Whether asking again may help. */
  boolean isUnreachable() {
    return unreachable;
  }
}
