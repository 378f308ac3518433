package io.cityseg.run;

import static java.util.Objects.requireNonNull;

import io.cityseg.beam.FanOut;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.apache.beam.runners.direct.DirectOptions;
import org.apache.beam.runners.direct.DirectRunner;
import org.apache.beam.runners.flink.FlinkPipelineOptions;
import org.apache.beam.runners.flink.FlinkRunner;
import org.apache.beam.sdk.options.PipelineOptions;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which Beam runner carries the graph out, and how many pieces at once. Neither changes a result.
 *
 * @param parallelism at least 1
 * @param master of the Flink cluster that the run is submitted to, if to one
 */
public record RunnerChoice(Kind kind, int parallelism, Optional<MasterAddress> master) {
  /** Flink's releases of this line understand each other. */
  private static final String FLINK_LINE = "1.19.";

  private static final Logger LOG = LoggerFactory.getLogger(RunnerChoice.class);

  /** The runners. */
  public enum Kind {
    /** Threads of this process. */
    DIRECT,
    /** A Flink cluster: one that lives in this process for the length of the run, or a master's. */
    FLINK
  }

  public RunnerChoice {
    requireNonNull(kind, "kind");
    requireNonNull(master, "master");
    if (parallelism < 1) {
      throw new IllegalArgumentException(
          "Invalid parallelism: " + parallelism + " (must be at least 1)");
    }
    if (kind == Kind.DIRECT && master.isPresent()) {
      throw new IllegalArgumentException("The direct runner has no master");
    }
  }

  /** A runner in this process. */
  public static RunnerChoice local(Kind kind, int parallelism) {
    return new RunnerChoice(kind, parallelism, Optional.empty());
  }

  /**
   * A cluster that was asked whether it can be used.
   *
   * @param parallelism nothing for as many as the cluster has slots
   * @throws FlinkMasterException when it does not answer, is of another version, has no slots, or
   *     lacks libraries
   */
  public static RunnerChoice onCluster(MasterAddress address, OptionalInt parallelism)
      throws FlinkMasterException, InterruptedException {
    FlinkMaster.Cluster cluster = usable(new FlinkMaster(address));
    return new RunnerChoice(Kind.FLINK, parallelism.orElse(cluster.slots()), Optional.of(address));
  }

  /** How pieces get to run side by side on this runner. */
  FanOut fanOut() {
    return switch (kind) {
      case DIRECT -> FanOut.inOneWorker(parallelism);
      case FLINK -> FanOut.OVER_WORKERS;
    };
  }

  /** Beam's options for a pipeline in this process. */
  PipelineOptions options() {
    return switch (kind) {
      case DIRECT -> direct();
      case FLINK -> embeddedFlink();
    };
  }

  /** Beam's options for a job of that name on the master's cluster. */
  PipelineOptions options(FlinkMaster cluster, String jobName)
      throws FlinkMasterException, InterruptedException {
    StagedJars jars = StagedJars.of(StagedJars.ownClassPath(), usable(cluster), cluster.address());
    LOG.info("Sending {} bytes of classes {}", jars.bytes(), jars.files());
    FlinkPipelineOptions options = PipelineOptionsFactory.as(FlinkPipelineOptions.class);
    options.setRunner(FlinkRunner.class);
    options.setJobName(jobName);
    options.setFlinkMaster(cluster.address().toString());
    options.setParallelism(parallelism);
    shareElements(options);
    options.setFlinkConfDir(FlinkClientSettings.folder().toString());
    options.setFilesToStage(jars.names());
    // Whoever waits asks the master and reads the journal; so a lost connection loses nothing.
    options.setAttachedMode(false);
    // The other translation of batch pipelines does all of a job again when one machine is lost.
    options.setUseDataStreamForBatch(true);
    return options;
  }

  private static FlinkMaster.Cluster usable(FlinkMaster master)
      throws FlinkMasterException, InterruptedException {
    FlinkMaster.Cluster cluster = master.cluster();
    if (!cluster.flinkVersion().startsWith(FLINK_LINE)) {
      throw new FlinkMasterException(
          "Flink master %s is of version %s (must be %sx); use a cluster of that version"
              .formatted(master.address(), cluster.flinkVersion(), FLINK_LINE));
    }
    if (cluster.slots() == 0) {
      throw new FlinkMasterException(
          "Flink master %s has %d TaskManagers and no slots; start TaskManagers that register with it"
              .formatted(master.address(), cluster.taskManagers()));
    }
    return cluster;
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

  private PipelineOptions embeddedFlink() {
    FlinkPipelineOptions options = PipelineOptionsFactory.as(FlinkPipelineOptions.class);
    options.setRunner(FlinkRunner.class);
    options.setFlinkMaster("[local]");
    options.setParallelism(parallelism);
    shareElements(options);
    // The embedded cluster shares this process's class path; there is nothing to send.
    options.setFilesToStage(List.of());
    return options;
  }

  /**
   * Elements are immutable messages, so an operator may have the very one that the operator before
   * it made. (With a copy for each, gathering 30,000 pieces took 27 MB more.)
   */
  private static void shareElements(FlinkPipelineOptions options) {
    options.setFasterCopy(true);
  }
}
