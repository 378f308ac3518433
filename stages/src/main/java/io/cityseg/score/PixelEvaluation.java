package io.cityseg.score;

import io.cityseg.files.ParallelWork;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;

/**
 * The official pixel-level evaluation of a folder of predictions. {@link #open} pairs the files,
 * {@link #run} counts and scores them.
 */
public final class PixelEvaluation {
  private final PairedImages images;
  private final Optional<Double> dilationRatio;

  private PixelEvaluation(PairedImages images, Optional<Double> dilationRatio) {
    this.images = images;
    this.dilationRatio = dilationRatio;
  }

  /** Either the counts of an image or what is wrong with its files. */
  private record Outcome(Optional<ImageCounts> counts, List<String> problems) {}

  /**
   * Pairs ground truth and predictions. Reads no image.
   *
   * @param groundTruth a folder with {@code *_gtFine_labelIds.png} anywhere below it, and {@code
   *     *_gtFine_instanceIds.png} beside all or none of them; where it has {@code gtFine/val} or
   *     {@code val}, that is taken alone
   * @param predictions a folder with {@code <city>_<seq>_<frame>*.png} anywhere below it: 8-bit
   *     regular ids, one file for every image
   * @throws ScoreException when there is no ground truth, or a folder cannot be listed
   */
  public static PixelEvaluation open(Path groundTruth, Path predictions) throws ScoreException {
    return new PixelEvaluation(PairedImages.find(groundTruth, predictions), Optional.empty());
  }

  /**
   * The same images, with boundary scores too.
   *
   * @param ratio the width of boundary regions as a part of the image's diagonal, above 0, at most
   *     1; see {@link BoundaryCounter#DILATION_RATIO}
   */
  public PixelEvaluation withBoundaries(double ratio) {
    BoundaryCounter.requireRatio(ratio);
    return new PixelEvaluation(images, Optional.of(ratio));
  }

  /** Images that have both ground truth and a prediction. */
  public int pairs() {
    return images.pairs().size();
  }

  /** Whether the ground truth has instances; without them there is no iIoU. */
  public boolean hasInstances() {
    return images.hasInstances();
  }

  /**
   * Evaluates. The result is the same to the last bit whatever the number of threads.
   *
   * @param threads images at once
   * @param finished is told the number of images done with so far, by the calling thread
   * @throws ScoreException when a prediction is missing, or a file is wrong: all of them are listed
   */
  public Scores run(int threads, IntConsumer finished) throws ScoreException, InterruptedException {
    Queue<ImageCounter> idle = new ConcurrentLinkedQueue<>();
    List<String> problems = new ArrayList<>(images.problems());
    Scoring scoring = new Scoring(dilationRatio);
    Iterator<ImagePair> next = images.pairs().iterator();
    AtomicInteger done = new AtomicInteger();
    ParallelWork.forEach(
        images.pairs(),
        threads,
        pair -> count(pair, idle),
        outcome -> {
          String prediction = next.next().prediction().toString();
          outcome.counts().ifPresent(counts -> scoring.add(prediction, counts));
          problems.addAll(outcome.problems());
          finished.accept(done.incrementAndGet());
        });
    if (!problems.isEmpty()) {
      throw new ScoreException(problems);
    }
    return scoring.scores(images.hasInstances());
  }

  /** Counts with a counter that nobody uses now: there come to be as many as threads. */
  private Outcome count(ImagePair pair, Queue<ImageCounter> idle) {
    ImageCounter counter =
        Objects.requireNonNullElseGet(idle.poll(), () -> new ImageCounter(dilationRatio));
    Outcome outcome;
    try {
      outcome = new Outcome(Optional.of(counter.count(pair)), List.of());
    } catch (ScoreException e) {
      outcome = new Outcome(Optional.empty(), e.problems());
    } catch (OutOfMemoryError e) {
      // The counter is left to the collector: it may have part of its memory only.
      return new Outcome(
          Optional.empty(),
          List.of(
              pair.prediction()
                  + " needs more memory than there is; score fewer images at once (--parallelism), or raise -Xmx (CITYSEG_JAVA_OPTS)"));
    }
    idle.add(counter);
    return outcome;
  }
}
