package io.cityseg.train;

import io.cityseg.proto.Progress;
import io.cityseg.stage.ProgressSink;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** Tells how far training is, about twice a second. For one thread. */
final class Pace {
  private static final long INTERVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  private final ProgressSink sink;
  private final String subject;
  private final int epochs;
  private final long totalSteps;

  private double learningRate;
  private long doneSteps;
  private long toldAt;
  private long countedSince = System.nanoTime();
  private long images;

  /**
   * @param epochs of the whole training
   * @param stepsPerEpoch of the training split
   * @param finished epochs that are done already
   */
  Pace(
      ProgressSink sink,
      String subject,
      int epochs,
      int stepsPerEpoch,
      int finished,
      double learningRate) {
    this.sink = sink;
    this.subject = subject;
    this.epochs = epochs;
    this.totalSteps = (long) epochs * stepsPerEpoch;
    this.doneSteps = (long) finished * stepsPerEpoch;
    this.learningRate = learningRate;
    this.toldAt = countedSince - INTERVAL_NANOS;
  }

  /** Steps that need not be done. */
  void skip(int steps) {
    doneSteps += steps;
  }

  /** From now on the learning rate is another. */
  void learningRate(double rate) {
    learningRate = rate;
  }

  /** A step of training is done. */
  void trained(int epoch, double loss, int batchSize) {
    doneSteps++;
    images += batchSize;
    long now = System.nanoTime();
    if (now - toldAt >= INTERVAL_NANOS) {
      double rate = images / ((now - countedSince) / 1e9);
      String message =
          String.format(
              Locale.ROOT,
              "epoch %d/%d  loss %.3g  lr %.0e  %.1f images/s",
              epoch,
              epochs,
              loss,
              learningRate,
              rate);
      tell(message, now);
      images = 0;
      countedSince = now;
    }
  }

  /** A batch of validation is done. */
  void validated(int epoch) {
    long now = System.nanoTime();
    if (now - toldAt >= INTERVAL_NANOS) {
      tell("epoch %d/%d  validating".formatted(epoch, epochs), now);
    }
    images = 0;
    countedSince = now;
  }

  /** An epoch is being written to the store. */
  void saving(int epoch) {
    tell("epoch %d/%d  saving the checkpoint".formatted(epoch, epochs), System.nanoTime());
  }

  private void tell(String message, long now) {
    toldAt = now;
    sink.tell(
        Progress.newBuilder()
            .setStage("train")
            .setSubject(subject)
            .setDone(doneSteps)
            .setTotal(totalSteps)
            .setUnit("steps")
            .setMessage(message)
            .build());
  }
}
