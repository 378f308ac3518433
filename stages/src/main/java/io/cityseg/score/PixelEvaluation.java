package io.cityseg.score;

import io.cityseg.files.ParallelWork;
import io.cityseg.image.ImageException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntConsumer;

/**
 * The official pixel-level evaluation of a folder of predictions. {@link #open} pairs the files,
 * {@link #run} counts and scores them.
 */
public final class PixelEvaluation {
  private final PairedImages images;

  private PixelEvaluation(PairedImages images) {
    this.images = images;
  }

  /** Either the counts of an image or what is wrong with it. */
  private record Outcome(Optional<ImageCounts> counts, String problem) {}

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
    return new PixelEvaluation(PairedImages.find(groundTruth, predictions));
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
    List<Outcome> outcomes =
        ParallelWork.map(images.pairs(), threads, PixelEvaluation::count, finished);
    List<String> problems = new ArrayList<>(images.problems());
    outcomes.stream()
        .filter(outcome -> outcome.counts().isEmpty())
        .forEach(outcome -> problems.add(outcome.problem()));
    if (!problems.isEmpty()) {
      throw new ScoreException(problems);
    }
    Scoring scoring = new Scoring();
    for (int i = 0; i < outcomes.size(); i++) {
      scoring.add(
          images.pairs().get(i).prediction().toString(), outcomes.get(i).counts().orElseThrow());
    }
    return scoring.scores(images.hasInstances());
  }

  private static Outcome count(ImagePair pair) {
    try {
      return new Outcome(Optional.of(ImageCounter.count(pair)), "");
    } catch (ImageException | IOException e) {
      return new Outcome(Optional.empty(), e.getMessage());
    }
  }
}
