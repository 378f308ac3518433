package io.cityseg.cli;

import picocli.CommandLine.Option;

/** How many files at once; changes no result. */
final class ParallelismOption {
  @Option(
      names = "--parallelism",
      paramLabel = "N",
      description = "Files at once (default: the number of processors).")
  private Integer parallelism;

  int threads() throws UsageException {
    if (parallelism == null) {
      return Runtime.getRuntime().availableProcessors();
    }
    if (parallelism < 1 || parallelism > 1024) {
      throw new UsageException("--parallelism is " + parallelism + " (must be 1 to 1024)");
    }
    return parallelism;
  }
}
