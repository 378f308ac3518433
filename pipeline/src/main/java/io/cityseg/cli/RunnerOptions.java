package io.cityseg.cli;

import io.cityseg.run.FlinkMasterException;
import io.cityseg.run.MasterAddress;
import io.cityseg.run.RunnerChoice;
import java.util.OptionalInt;
import picocli.CommandLine.Option;

/** How it is carried out; changes no result. */
final class RunnerOptions {
  /** Flink's largest parallelism. */
  private static final int MAX_PARALLELISM = 32768;

  @Option(
      names = "--runner",
      paramLabel = "RUNNER",
      description =
          "direct (default): threads of this process; flink: an embedded Flink cluster, or --flink-master's.")
  private RunnerChoice.Kind runner;

  @Option(
      names = "--flink-master",
      paramLabel = "HOST:PORT",
      description =
          "Submit to the Flink cluster whose REST port this is, and wait. Its machines must see the store and the data under the same addresses.")
  private String flinkMaster;

  @Option(
      names = "--detach",
      description =
          "With --flink-master: return when the cluster has taken the run; cityseg show follows it.")
  private boolean detach;

  @Option(
      names = "--parallelism",
      paramLabel = "N",
      description =
          "Pieces of work at once (default: the number of processors; on a Flink cluster, of its slots).")
  private Integer parallelism;

  /** The runner that was asked for; a cluster has answered by then. */
  RunnerChoice choice() throws UsageException, InterruptedException {
    if (parallelism != null && parallelism < 1) {
      throw new UsageException("--parallelism is " + parallelism + " (must be at least 1)");
    }
    if (parallelism != null && parallelism > MAX_PARALLELISM) {
      throw new UsageException(
          "--parallelism is %d (must be at most %d)".formatted(parallelism, MAX_PARALLELISM));
    }
    if (flinkMaster != null) {
      return onCluster();
    }
    if (detach) {
      throw new UsageException("--detach needs --flink-master: nothing else outlives this process");
    }
    return RunnerChoice.local(
        runner == null ? RunnerChoice.Kind.DIRECT : runner,
        parallelism == null ? Runtime.getRuntime().availableProcessors() : parallelism);
  }

  boolean isDetached() {
    return detach;
  }

  private RunnerChoice onCluster() throws UsageException, InterruptedException {
    if (runner == RunnerChoice.Kind.DIRECT) {
      throw new UsageException("--flink-master needs --runner flink, not direct");
    }
    try {
      return RunnerChoice.onCluster(
          MasterAddress.parse(flinkMaster),
          parallelism == null ? OptionalInt.empty() : OptionalInt.of(parallelism));
    } catch (IllegalArgumentException e) {
      throw new UsageException("--flink-master: " + e.getMessage(), e);
    } catch (FlinkMasterException e) {
      throw new UsageException(e.getMessage(), e);
    }
  }
}
