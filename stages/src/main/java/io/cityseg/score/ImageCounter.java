package io.cityseg.score;

import static java.util.Objects.requireNonNull;

import io.cityseg.evaluate.ConfusionCounts;
import io.cityseg.files.WholeFile;
import io.cityseg.image.Grey16Image;
import io.cityseg.image.GreyImage;
import io.cityseg.image.ImageException;
import io.cityseg.image.LabelPng;
import io.cityseg.labels.CityscapesLabels;
import io.cityseg.labels.Label;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Counts one image's pixels. Thread-safe. */
public final class ImageCounter {
  private static final int BYTES = 256;

  /** Numbers above this are instances: id * 1000 + k. */
  private static final int INSTANCES = 1000;

  private static final int NUMBERS = 1 << 16;

  private ImageCounter() {}

  /**
   * Reads and counts.
   *
   * @throws ImageException when a file is damaged, of another kind or size than it must be, or
   *     holds a number that is no id
   * @throws IOException when a file cannot be read; the message names it
   */
  static ImageCounts count(ImagePair pair) throws ImageException, IOException {
    Optional<Grey16Image> instances = Optional.empty();
    if (pair.instances().isPresent()) {
      Path file = pair.instances().get();
      instances = Optional.of(LabelPng.decode16(WholeFile.read(file), file.toString()));
    }
    return count(
        new Names(
            pair.groundTruth().toString(),
            pair.instances().map(Path::toString).orElse(""),
            pair.prediction().toString()),
        labelIds(pair.groundTruth()),
        instances,
        labelIds(pair.prediction()));
  }

  /**
   * What the images are called, for messages.
   *
   * @param instances not read where there are none
   */
  public record Names(String groundTruth, String instances, String prediction) {
    public Names {
      requireNonNull(groundTruth, "groundTruth");
      requireNonNull(instances, "instances");
      requireNonNull(prediction, "prediction");
    }
  }

  /**
   * Counts images that have been read.
   *
   * @param truth regular ids [H, W]
   * @param instances instanceIds of the same size; none where instances are not evaluated
   * @param prediction regular ids [H, W]
   * @throws ImageException when sizes differ, or a number is no id
   */
  public static ImageCounts count(
      Names names, GreyImage truth, Optional<Grey16Image> instances, GreyImage prediction)
      throws ImageException {
    if (truth.height() != prediction.height() || truth.width() != prediction.width()) {
      throw new ImageException(
          "%s has %d x %d pixels, its ground truth %s %d x %d; predictions are scored at full size"
              .formatted(
                  names.prediction(),
                  prediction.width(),
                  prediction.height(),
                  names.groundTruth(),
                  truth.width(),
                  truth.height()));
    }
    int[] joint = new int[BYTES * BYTES];
    byte[] rows = truth.pixels();
    byte[] columns = prediction.pixels();
    for (int i = 0; i < rows.length; i++) {
      joint[(rows[i] & 0xff) * BYTES + (columns[i] & 0xff)]++;
    }
    ConfusionCounts confusion = new ConfusionCounts(ImageCounts.IDS);
    for (int row = 0; row < BYTES; row++) {
      for (int column = 0; column < BYTES; column++) {
        int pixels = joint[row * BYTES + column];
        if (pixels > 0) {
          check(row, truth, names.groundTruth());
          check(column, prediction, names.prediction());
          confusion.add(row, column, pixels);
        }
      }
    }
    return new ImageCounts(
        confusion,
        instances.isPresent() ? instances(instances.get(), prediction, names) : List.of());
  }

  private static GreyImage labelIds(Path file) throws ImageException, IOException {
    return LabelPng.decode(WholeFile.read(file), file.toString());
  }

  private static void check(int id, GreyImage image, String file) throws ImageException {
    if (id >= ImageCounts.IDS) {
      int at = 0;
      while ((image.pixels()[at] & 0xff) != id) {
        at++;
      }
      throw new ImageException(
          "%s has the id %d at column %d, row %d; regular ids are 0 to %d (trainIds must be mapped back)"
              .formatted(file, id, at % image.width(), at / image.width(), ImageCounts.IDS - 1));
    }
  }

  private static List<ImageCounts.Instance> instances(
      Grey16Image numbers, GreyImage prediction, Names names) throws ImageException {
    if (numbers.height() != prediction.height() || numbers.width() != prediction.width()) {
      throw new ImageException(
          "%s has %d x %d pixels, %s %d x %d; they do not belong together"
              .formatted(
                  names.instances(),
                  numbers.width(),
                  numbers.height(),
                  names.groundTruth(),
                  prediction.width(),
                  prediction.height()));
    }
    int[] pixels = new int[NUMBERS];
    int[] hits = new int[NUMBERS];
    int[] categoryHits = new int[NUMBERS];
    boolean[][] sameCategory = sameCategory();
    short[] all = numbers.pixels();
    byte[] predicted = prediction.pixels();
    for (int i = 0; i < all.length; i++) {
      int number = all[i] & 0xffff;
      if (number > INSTANCES) {
        int id = number / INSTANCES;
        pixels[number]++;
        hits[number] += predicted[i] == id ? 1 : 0;
        categoryHits[number] += id < ImageCounts.IDS && sameCategory[id][predicted[i]] ? 1 : 0;
      }
    }
    List<ImageCounts.Instance> found = new ArrayList<>();
    for (int number = INSTANCES + 1; number < NUMBERS; number++) {
      if (pixels[number] > 0 && isEvaluated(number, names.instances())) {
        found.add(
            new ImageCounts.Instance(
                CityscapesLabels.ofId(number / INSTANCES).orElseThrow(),
                pixels[number],
                hits[number],
                categoryHits[number]));
      }
    }
    return found;
  }

  /** The official script stops at these too, with a KeyError. */
  private static boolean isEvaluated(int number, String file) throws ImageException {
    int id = number / INSTANCES;
    if (id >= ImageCounts.IDS) {
      throw new ImageException(
          "%s has the instance %d, and %d is no id of Cityscapes (0 to %d)"
              .formatted(file, number, id, ImageCounts.IDS - 1));
    }
    Label label = CityscapesLabels.ofId(id).orElseThrow();
    if (label.isTrained() && !label.hasInstances()) {
      throw new ImageException(
          "%s has the instance %d, and '%s' has no instances"
              .formatted(file, number, label.name()));
    }
    return label.isTrained();
  }

  private static boolean[][] sameCategory() {
    boolean[][] same = new boolean[ImageCounts.IDS][ImageCounts.IDS];
    for (int a = 0; a < ImageCounts.IDS; a++) {
      for (int b = 0; b < ImageCounts.IDS; b++) {
        String category = CityscapesLabels.ofId(a).orElseThrow().category();
        same[a][b] = category.equals(CityscapesLabels.ofId(b).orElseThrow().category());
      }
    }
    return same;
  }
}
