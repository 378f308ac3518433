package io.cityseg.run;

import io.cityseg.beam.FanOut;
import java.util.List;
import org.apache.beam.runners.direct.DirectOptions;
import org.apache.beam.runners.direct.DirectRunner;
import org.apache.beam.runners.flink.FlinkPipelineOptions;
import org.apache.beam.runners.flink.FlinkRunner;
import org.apache.beam.sdk.options.PipelineOptions;
import org.apache.beam.sdk.options.PipelineOptionsFactory;

/**
 * Which Beam runner carries the graph out, and how many pieces at once. Neither changes a result.
 *
 * @param parallelism at least 1
 */
public record RunnerChoice(Kind kind, int parallelism) {
  /** The runners. */
  public enum Kind {
    /** Threads of this process. */
    DIRECT,
    /** A Flink cluster that lives in this process for the length of the run. */
    FLINK
  }

  public RunnerChoice {
    if (parallelism < 1) {
      throw new IllegalArgumentException(
          "Invalid parallelism: " + parallelism + " (must be at least 1)");
    }
  }

  /** Beam's options for this choice. */
  PipelineOptions options() {
    return switch (kind) {
      case DIRECT -> direct();
      case FLINK -> flink();
    };
  }

  /** How pieces get to run side by side on this runner. */
  FanOut fanOut() {
    return switch (kind) {
      case DIRECT -> FanOut.inOneWorker(parallelism);
      case FLINK -> FanOut.OVER_WORKERS;
    };
  }

  private static PipelineOptions direct() {
    DirectOptions options = PipelineOptionsFactory.as(DirectOptions.class);
    options.setRunner(DirectRunner.class);
    // The direct runner looks for new work without a pause, in any thread that is free: through
    // hours of training it would keep a
    // core busy (QuiescenceDriver; measured: training took twice as long on two cores). With one
    // thread it looks between pieces.
    options.setTargetParallelism(1);
    // Elements are immutable messages with a coder that is tested; checking each one anew costs
    // more than the work.
    options.setEnforceEncodability(false);
    options.setEnforceImmutability(false);
    return options;
  }

  private PipelineOptions flink() {
    FlinkPipelineOptions options = PipelineOptionsFactory.as(FlinkPipelineOptions.class);
    options.setRunner(FlinkRunner.class);
    options.setFlinkMaster("[local]");
    options.setParallelism(parallelism);
    // The embedded cluster shares this process's class path; there is nothing to send.
    options.setFilesToStage(List.of());
    return options;
  }
}
