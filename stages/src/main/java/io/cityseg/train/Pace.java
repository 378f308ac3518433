package io.cityseg.train;

import io.cityseg.proto.Gauge;
import io.cityseg.proto.Progress;
import io.cityseg.proto.TrainingPace;
import io.cityseg.stage.ProgressSink;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** Tells how far training is, about twice a second, and how fast an epoch was. For one thread. */
final class Pace {
  private static final long INTERVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
  private static final double NANOS_PER_SECOND = 1e9;

  private final ProgressSink sink;
  private final String subject;
  private final int epochs;
  private final int stepsPerEpoch;
  private final long totalSteps;

  private final long beganAt = System.nanoTime();
  private long beganWith;
  private long doneSteps;
  private int epoch;
  private long toldAt = beganAt - INTERVAL_NANOS;
  private Span sinceTold = new Span(beganAt);
  private Span ofEpoch = new Span(beganAt);

  /**
   * One step of training.
   *
   * @param loss of its batch
   * @param learningRate of its update
   * @param images in its batch
   * @param waitedNanos how long the network waited for the batch
   */
  record Step(double loss, double learningRate, int images, long waitedNanos) {}

  /** Sums over some steps. */
  private static final class Span {
    private final long from;
    private long to;
    private long images;
    private long waitedNanos;

    private Span(long from) {
      this.from = from;
      this.to = from;
    }

    private void add(Step step, long now) {
      to = now;
      images += step.images();
      waitedNanos += step.waitedNanos();
    }

    private double imagesPerSecond() {
      return images / (Math.max(1, to - from) / NANOS_PER_SECOND);
    }

    private double waitingShare() {
      return Math.min(1, waitedNanos / (double) Math.max(1, to - from));
    }
  }

  /**
   * @param epochs of the whole training
   * @param stepsPerEpoch of the training split
   * @param finished epochs that are done already
   */
  Pace(ProgressSink sink, String subject, int epochs, int stepsPerEpoch, int finished) {
    this.sink = sink;
    this.subject = subject;
    this.epochs = epochs;
    this.stepsPerEpoch = stepsPerEpoch;
    this.totalSteps = (long) epochs * stepsPerEpoch;
    this.beganWith = (long) finished * stepsPerEpoch;
    this.doneSteps = beganWith;
    this.epoch = finished;
  }

  /** The first batch of an epoch is about to be asked for. */
  void begin(int nextEpoch) {
    epoch = nextEpoch;
    long now = System.nanoTime();
    ofEpoch = new Span(now);
    sinceTold = new Span(now);
  }

  /** Steps that need not be done. */
  void skip(int steps) {
    beganWith += steps;
    doneSteps += steps;
  }

  /** A step of training is done. */
  void trained(Step step) {
    doneSteps++;
    long now = System.nanoTime();
    ofEpoch.add(step, now);
    sinceTold.add(step, now);
    if (now - toldAt >= INTERVAL_NANOS) {
      tell(message(step, now), gauges(step), now);
      sinceTold = new Span(now);
    }
  }

  /** A batch of validation is done. */
  void validated() {
    long now = System.nanoTime();
    if (now - toldAt >= INTERVAL_NANOS) {
      tell("epoch %d/%d  validating".formatted(epoch, epochs), List.of(), now);
    }
  }

  /** The epoch is being written to the store. */
  void saving() {
    tell(
        "epoch %d/%d  saving the checkpoint".formatted(epoch, epochs),
        List.of(),
        System.nanoTime());
  }

  /** How fast the epoch that began last was trained. */
  TrainingPace ofEpoch() {
    return TrainingPace.newBuilder()
        .setImages(ofEpoch.images)
        .setDurationMillis(TimeUnit.NANOSECONDS.toMillis(ofEpoch.to - ofEpoch.from))
        .setWaitingMillis(TimeUnit.NANOSECONDS.toMillis(ofEpoch.waitedNanos))
        .build();
  }

  private String message(Step step, long now) {
    return String.format(
        Locale.ROOT,
        "epoch %d/%d  step %d/%d  loss %.3g  lr %.3g  %.1f images/s  waiting %.0f %%  ETA %s",
        epoch,
        epochs,
        doneSteps - (long) (epoch - 1) * stepsPerEpoch,
        stepsPerEpoch,
        step.loss(),
        step.learningRate(),
        sinceTold.imagesPerSecond(),
        100 * sinceTold.waitingShare(),
        remaining(now));
  }

  /** By the mean of this process's steps; validation and saving count once there have been any. */
  private String remaining(long now) {
    double perStep = (now - beganAt) / NANOS_PER_SECOND / Math.max(1, doneSteps - beganWith);
    long seconds = Math.round(perStep * (totalSteps - doneSteps));
    if (seconds < 60) {
      return seconds + " s";
    }
    long minutes = (seconds + 30) / 60;
    return minutes < 60 ? minutes + " min" : minutes / 60 + " h " + minutes % 60 + " min";
  }

  private List<Gauge> gauges(Step step) {
    return List.of(
        gauge("loss", step.loss()),
        gauge("learning_rate", step.learningRate()),
        gauge("images_per_second", sinceTold.imagesPerSecond()),
        gauge("waiting_share", sinceTold.waitingShare()));
  }

  private static Gauge gauge(String name, double value) {
    return Gauge.newBuilder().setName(name).setValue(value).build();
  }

  private void tell(String message, List<Gauge> gauges, long now) {
    toldAt = now;
    sink.tell(
        Progress.newBuilder()
            .setStage("train")
            .setSubject(subject)
            .setDone(doneSteps)
            .setTotal(totalSteps)
            .setUnit("steps")
            .setMessage(message)
            .addAllGauges(gauges)
            .build());
  }
}
