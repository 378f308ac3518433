package io.cityseg.cli;

import io.cityseg.run.RunnerChoice;
import picocli.CommandLine.Option;

/** How it is carried out; changes no result. */
final class RunnerOptions {
  @Option(
      names = "--runner",
      paramLabel = "RUNNER",
      defaultValue = "direct",
      description = "direct (default): threads of this process; flink: an embedded Flink cluster.")
  private RunnerChoice.Kind runner;

  @Option(
      names = "--parallelism",
      paramLabel = "N",
      description = "Pieces of work at once (default: the number of processors).")
  private Integer parallelism;

  RunnerChoice choice() throws UsageException {
    int pieces = parallelism == null ? Runtime.getRuntime().availableProcessors() : parallelism;
    if (pieces < 1) {
      throw new UsageException("--parallelism is " + pieces + " (must be at least 1)");
    }
    return new RunnerChoice(runner, pieces);
  }
}
