package io.cityseg.score;

import static java.util.Objects.requireNonNull;

import io.cityseg.files.WholeFile;
import io.cityseg.image.Grey16Bytes;
import io.cityseg.image.GreyImage;
import io.cityseg.image.ImageException;
import io.cityseg.image.LabelPngReader;
import io.cityseg.image.PngFile;
import io.cityseg.image.PngHeader;
import io.cityseg.labels.CityscapesLabels;
import io.cityseg.labels.Label;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Counts images' pixels, one image after the other in the same memory. An image's numbers are
 * integers, so it does not matter which counter counts it. For one thread.
 */
public final class ImageCounter {
  private final LabelPngReader truthReader = new LabelPngReader();
  private final LabelPngReader predictionReader = new LabelPngReader();
  private final PixelCounter pixels = new PixelCounter();
  private final Optional<BoundaryCounter> boundaries;

  /**
   * Takes memory when it counts.
   *
   * @param dilationRatio of boundary regions, where they are asked for
   */
  public ImageCounter(Optional<Double> dilationRatio) {
    boundaries =
        dilationRatio.map(
            ratio ->
                new BoundaryCounter(
                    ImageCounts.IDS,
                    id -> id < ImageCounts.IDS && !ImageCounts.isEvaluated(id),
                    ratio));
  }

  /**
   * Reads and counts.
   *
   * @throws ScoreException when files cannot be read, are damaged, of another kind or size than
   *     they must be, or hold a number that is no id: a message for each file
   */
  ImageCounts count(ImagePair pair) throws ScoreException {
    List<String> problems = new ArrayList<>();
    Optional<GreyImage> truth = read(pair.groundTruth(), truthReader::read, problems);
    Optional<GreyImage> prediction =
        read(
            pair.prediction(),
            (png, name) -> {
              requireSize(png, name, truth, pair, "predictions are scored at full size");
              return predictionReader.read(png, name);
            },
            problems);
    Optional<Grey16Bytes> instances =
        pair.instances()
            .flatMap(
                file ->
                    read(
                        file,
                        (png, name) -> {
                          requireSize(png, name, truth, pair, "they do not belong together");
                          return truthReader.read16(png, name);
                        },
                        problems));
    refuse(problems);
    return count(Names.of(pair), truth.orElseThrow(), instances, prediction.orElseThrow());
  }

  /**
   * What images are called, for messages.
   *
   * @param instances not read where there are none
   */
  public record Names(String groundTruth, String instances, String prediction) {
    public Names {
      requireNonNull(groundTruth, "groundTruth");
      requireNonNull(instances, "instances");
      requireNonNull(prediction, "prediction");
    }

    private static Names of(ImagePair pair) {
      return new Names(
          pair.groundTruth().toString(),
          pair.instances().map(Path::toString).orElse(""),
          pair.prediction().toString());
    }
  }

  /** Before memory is taken for pixels. Says nothing where the ground truth is wrong itself. */
  private static void requireSize(
      byte[] png, String name, Optional<GreyImage> truth, ImagePair pair, String reason)
      throws ImageException {
    PngHeader header = PngFile.check(png, name);
    if (truth.isPresent()
        && (header.height() != truth.get().height() || header.width() != truth.get().width())) {
      throw new ImageException(
          "%s has %d x %d pixels, its ground truth %s %d x %d; %s"
              .formatted(
                  name,
                  header.width(),
                  header.height(),
                  pair.groundTruth(),
                  truth.get().width(),
                  truth.get().height(),
                  reason));
    }
  }

  /**
   * Counts images of one size that have been read.
   *
   * @param truth regular ids [H, W]
   * @param instances instanceIds [H, W]; none where instances are not evaluated
   * @param prediction regular ids [H, W]
   * @throws ScoreException when they hold a number that is no id: a message for each image
   */
  public ImageCounts count(
      Names names, GreyImage truth, Optional<Grey16Bytes> instances, GreyImage prediction)
      throws ScoreException {
    pixels.clear();
    if (instances.isPresent()) {
      pixels.count(truth.pixels(), prediction.pixels(), instances.get().bytes());
    } else {
      pixels.count(truth.pixels(), prediction.pixels());
    }
    List<String> problems = new ArrayList<>();
    checkIds(truth, names.groundTruth(), id -> pixels.ofTruth(id), problems);
    checkIds(prediction, names.prediction(), id -> pixels.ofPrediction(id), problems);
    List<ImageCounts.Instance> found = instances(names, problems);
    refuse(problems);
    ConfusionCounts confusion = new ConfusionCounts(ImageCounts.IDS);
    for (int row = 0; row < ImageCounts.IDS; row++) {
      for (int column = 0; column < ImageCounts.IDS; column++) {
        confusion.add(row, column, pixels.of(row, column));
      }
    }
    return new ImageCounts(
        confusion, found, boundaries.map(counter -> counter.count(truth, prediction)));
  }

  private interface Reading<T> {
    T read(byte[] png, String name) throws ImageException;
  }

  private static <T> Optional<T> read(Path file, Reading<T> reading, List<String> problems) {
    try {
      return Optional.of(reading.read(WholeFile.read(file), file.toString()));
    } catch (ImageException | IOException e) {
      problems.add(e.getMessage());
      return Optional.empty();
    } catch (OutOfMemoryError e) {
      problems.add(
          file
              + " needs more memory than there is; score fewer images at once, or raise -Xmx (CITYSEG_JAVA_OPTS)");
      return Optional.empty();
    }
  }

  private interface PixelsOfId {
    long count(int id);
  }

  private static void checkIds(
      GreyImage image, String file, PixelsOfId counted, List<String> problems) {
    for (int id = ImageCounts.IDS; id < PixelCounter.BYTES; id++) {
      if (counted.count(id) > 0) {
        int at = 0;
        while ((image.pixels()[at] & 0xff) != id) {
          at++;
        }
        problems.add(
            "%s has the id %d at column %d, row %d; regular ids are 0 to %d (trainIds must be mapped back)"
                .formatted(file, id, at % image.width(), at / image.width(), ImageCounts.IDS - 1));
        return;
      }
    }
  }

  /** Those of labels that are evaluated. The official script stops at others too, by a KeyError. */
  private List<ImageCounts.Instance> instances(Names names, List<String> problems) {
    List<ImageCounts.Instance> found = new ArrayList<>();
    for (PixelCounter.Instance instance : pixels.instances()) {
      int id = instance.number() / PixelCounter.INSTANCES;
      if (id >= ImageCounts.IDS) {
        problems.add(
            "%s has the instance %d, and %d is no id of Cityscapes (0 to %d)"
                .formatted(names.instances(), instance.number(), id, ImageCounts.IDS - 1));
        break;
      }
      Label label = CityscapesLabels.ofId(id).orElseThrow();
      if (label.isTrained() && !label.hasInstances()) {
        problems.add(
            "%s has the instance %d, and '%s' has no instances"
                .formatted(names.instances(), instance.number(), label.name()));
        break;
      }
      if (label.isTrained()) {
        found.add(
            new ImageCounts.Instance(
                label, instance.pixels(), instance.hits(), instance.categoryHits()));
      }
    }
    return found;
  }

  private static void refuse(List<String> problems) throws ScoreException {
    if (!problems.isEmpty()) {
      throw new ScoreException(problems);
    }
  }
}
