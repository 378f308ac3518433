package io.cityseg.cli;

import io.cityseg.config.ConfigException;
import io.cityseg.graph.MissingResultException;
import io.cityseg.run.FlinkMasterException;
import io.cityseg.stage.StageException;
import io.cityseg.store.StoreException;

/** Which failures are the user's to mend, and what the process returns for them. */
final class Failures {
  private Failures() {}

  /** True for a failure whose message was written for the user. */
  static boolean expected(Exception failure) {
    return failure instanceof UsageException
        || failure instanceof ConfigException
        || failure instanceof MissingResultException
        || failure instanceof StageException
        || failure instanceof FlinkMasterException
        || failure instanceof StoreException;
  }

  /** 2 where the command line, the configuration, the data or the selection is wrong; else 1. */
  static int exitCode(Exception failure) {
    return failure instanceof UsageException
            || failure instanceof ConfigException
            || failure instanceof MissingResultException
        ? ExitCode.USAGE
        : ExitCode.FAILED;
  }
}
