package io.cityseg.cli;

/** What the process returns. */
final class ExitCode {
  /** Done. */
  static final int DONE = 0;

  /** A stage failed. */
  static final int FAILED = 1;

  /** Wrong usage, configuration, data folder or store. */
  static final int USAGE = 2;

  /**
   * {@code plan --check}: something would run. {@code --fail-under-...}: a threshold is not met.
   */
  static final int NOT_MET = 3;

  private ExitCode() {}
}
