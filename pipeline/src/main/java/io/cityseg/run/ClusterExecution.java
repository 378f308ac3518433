package io.cityseg.run;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.beam.sdk.Pipeline;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A pipeline that runs as a job of a Flink cluster, and goes on when this process ends. */
final class ClusterExecution implements Execution {
  private static final Logger LOG = LoggerFactory.getLogger(ClusterExecution.class);
  private static final Duration ASKED_EVERY = Duration.ofMillis(500);
  private static final Duration CANCELLED_WITHIN = Duration.ofSeconds(20);

  /** How long a master may be away, as while another takes its place. */
  private static final Duration ABSENCE = Duration.ofSeconds(60);

  private final FlinkMaster master;
  private final String jobId;
  private final Consumer<String> notices;
  private long askedAt = System.nanoTime();
  private long answeredAt = System.nanoTime();
  private boolean saidAway;
  private boolean saidWaiting;

  private ClusterExecution(FlinkMaster master, String jobId, Consumer<String> notices) {
    this.master = master;
    this.jobId = jobId;
    this.notices = notices;
  }

  /**
   * Submits a pipeline whose options name the cluster.
   *
   * @param jobName the job's name, which no other job of the cluster has
   * @throws FlinkMasterException when the cluster does not take it
   */
  static ClusterExecution submit(
      Pipeline pipeline, FlinkMaster master, String jobName, Consumer<String> notices)
      throws FlinkMasterException, InterruptedException {
    try {
      pipeline.run();
    } catch (RuntimeException e) {
      LOG.debug("The submission failed", e);
      throw new FlinkMasterException(
          "Flink master %s did not take the job: %s"
              .formatted(master.address(), FlinkMaster.innermost(Causes.rootMessage(e))),
          e);
    }
    String id =
        master
            .idOf(jobName)
            .orElseThrow(
                () ->
                    new FlinkMasterException(
                        "Flink master %s took the job %s and does not know it any more"
                            .formatted(master.address(), jobName)));
    return new ClusterExecution(master, id, notices);
  }

  String jobId() {
    return jobId;
  }

  @Override
  public Optional<Ending> await(Duration time) throws InterruptedException {
    TimeUnit.MILLISECONDS.sleep(time.toMillis());
    if (System.nanoTime() - askedAt < ASKED_EVERY.toNanos()) {
      return Optional.empty();
    }
    askedAt = System.nanoTime();
    try {
      Optional<FlinkMaster.Job> job = master.job(jobId);
      answeredAt = System.nanoTime();
      saidAway = false;
      if (job.isEmpty()) {
        return Optional.of(
            Ending.failed(
                "Flink master %s no longer knows job %s: it was started anew, and without high availability its jobs are lost"
                    .formatted(master.address(), jobId)));
      }
      sayWhetherWaiting(job.get());
      return job.get().isOver() ? Optional.of(ending(job.get())) : Optional.empty();
    } catch (FlinkMasterException e) {
      return whileAway(e);
    }
  }

  @Override
  public boolean retriesTasks() {
    return true;
  }

  @Override
  public void cancel() {
    try {
      master.cancel(jobId);
      long deadline = System.nanoTime() + CANCELLED_WITHIN.toNanos();
      while (master.job(jobId).filter(job -> !job.isOver()).isPresent()) {
        if (System.nanoTime() > deadline) {
          notices.accept(
              "job %s on %s still ends; its last piece of work does not stop"
                  .formatted(jobId, master.address()));
          return;
        }
        TimeUnit.MILLISECONDS.sleep(100);
      }
      notices.accept("job %s on %s is cancelled".formatted(jobId, master.address()));
    } catch (FlinkMasterException e) {
      notices.accept(
          "job %s on %s could not be cancelled and may go on: %s"
              .formatted(jobId, master.address(), e.getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Ending ending(FlinkMaster.Job job) throws FlinkMasterException, InterruptedException {
    return switch (job.state()) {
      case "FINISHED" -> Ending.DONE;
      case "CANCELED" ->
          Ending.failed(
              "job %s was cancelled on Flink master %s".formatted(jobId, master.address()));
      default ->
          Ending.failed(
              "job %s failed on Flink master %s: %s"
                  .formatted(jobId, master.address(), master.failure(jobId)));
    };
  }

  private void sayWhetherWaiting(FlinkMaster.Job job) {
    if (job.waiting() && !saidWaiting) {
      notices.accept(
          "job %s waits for a free slot of the cluster %s".formatted(jobId, master.address()));
    }
    saidWaiting = job.waiting();
  }

  private Optional<Ending> whileAway(FlinkMasterException failure) {
    if (!failure.isUnreachable()) {
      return Optional.of(Ending.failed(failure.getMessage()));
    }
    if (System.nanoTime() - answeredAt > ABSENCE.toNanos()) {
      return Optional.of(
          Ending.failed(
              "%s; job %s may be lost, or may still go on (`cityseg show` of this run follows it)"
                  .formatted(failure.getMessage(), jobId)));
    }
    if (!saidAway) {
      notices.accept(
          "Flink master %s does not answer; asking again for %d s"
              .formatted(master.address(), ABSENCE.toSeconds()));
      saidAway = true;
    }
    return Optional.empty();
  }
}
