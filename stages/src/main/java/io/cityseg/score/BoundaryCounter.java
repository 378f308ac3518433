package io.cityseg.score;

import io.cityseg.image.GreyImage;
import java.util.Arrays;
import java.util.function.IntPredicate;

/**
 * Boundary IoU (Cheng, Girshick, Dollár, Berg, Kirillov: "Boundary IoU: Improving Object-Centric
 * Image Segmentation Evaluation", CVPR 2021), for every class of a label image.
 *
 * <p>A class's boundary region in an image is those of its pixels that a square of side 2d + 1
 * around them shows to be near another class or the image's edge: what {@code mask_to_boundary} of
 * the authors' boundary_iou_api takes away by {@code cv2.erode}, 3 x 3, d times, inside an edge of
 * zeros. d is the dilation ratio times the image's diagonal, rounded (half to even) and at least 1.
 *
 * <p>Void pixels of the ground truth are made void in the prediction too, before contours are
 * sought: they are in no region, and both sides have the same contour towards them. Per class, the
 * pixels of intersection and union are summed over images, as the official IoU does; that is one
 * ratio for the whole set and not the mean of images' ratios.
 *
 * <p>One counter takes one image after the other in the same memory. For one thread.
 */
public final class BoundaryCounter {
  /** The ratio of the paper: 46 pixels at 2048 x 1024. */
  public static final double DILATION_RATIO = 0.02;

  /** Void, and where a square would hold more than one class. */
  private static final byte NONE = (byte) 255;

  private static final int MAX_CLASSES = 255;

  private final int classes;
  private final double ratio;
  private final boolean[] isVoid = new boolean[256];
  private byte[] truthLabels = new byte[0];
  private byte[] predictedLabels = new byte[0];
  private boolean[] truthInside = new boolean[0];
  private boolean[] predictedInside = new boolean[0];

  /**
   * Takes memory when it counts.
   *
   * @param classes classes are 0 to this number - 1; 1 to 255
   * @param isVoid whether a value of the ground truth, 0 to 255, is not evaluated
   * @param dilationRatio the width of boundary regions as a part of the image's diagonal; above 0,
   *     at most 1
   */
  public BoundaryCounter(int classes, IntPredicate isVoid, double dilationRatio) {
    if (classes < 1 || classes > MAX_CLASSES) {
      throw new IllegalArgumentException(
          "Invalid number of classes: %d (must be 1 to %d)".formatted(classes, MAX_CLASSES));
    }
    requireRatio(dilationRatio);
    this.classes = classes;
    this.ratio = dilationRatio;
    for (int value = 0; value < this.isVoid.length; value++) {
      this.isVoid[value] = isVoid.test(value);
    }
  }

  /** Refuses what is no dilation ratio. */
  static void requireRatio(double ratio) {
    if (!(ratio > 0 && ratio <= 1)) {
      throw new IllegalArgumentException(
          "Invalid dilation ratio: " + ratio + " (must be above 0, at most 1)");
    }
  }

  /** d, pixels. */
  static int distance(int height, int width, double ratio) {
    double diagonal = Math.sqrt((double) height * height + (double) width * width);
    return Math.max(1, (int) Math.rint(ratio * diagonal));
  }

  /**
   * Counts an image.
   *
   * @param truth classes and void values
   * @param prediction classes; of the same size
   * @throws IllegalArgumentException when the sizes differ, or a value is no class
   */
  public BoundaryCounts count(GreyImage truth, GreyImage prediction) {
    int height = truth.height();
    int width = truth.width();
    if (prediction.height() != height || prediction.width() != width) {
      throw new IllegalArgumentException(
          "Invalid prediction: %d x %d pixels for a ground truth of %d x %d"
              .formatted(prediction.width(), prediction.height(), width, height));
    }
    int size = height * width;
    if (truthLabels.length != size) {
      truthLabels = new byte[size];
      predictedLabels = new byte[size];
      truthInside = new boolean[size];
      predictedInside = new boolean[size];
    }
    takeLabels(truth.pixels(), prediction.pixels());
    int distance = distance(height, width, ratio);
    findInside(truthLabels, truthInside, height, width, distance);
    findInside(predictedLabels, predictedInside, height, width, distance);
    return count();
  }

  private void takeLabels(byte[] truth, byte[] predicted) {
    for (int i = 0; i < truth.length; i++) {
      if (isVoid[truth[i] & 0xff]) {
        truthLabels[i] = NONE;
        predictedLabels[i] = NONE;
      } else {
        truthLabels[i] = truth[i];
        predictedLabels[i] = predicted[i];
        if ((truth[i] & 0xff) >= classes || (predicted[i] & 0xff) >= classes) {
          throw new IllegalArgumentException(
              "Invalid pixel %d: ground truth %d, prediction %d (must be 0..%d)"
                  .formatted(i, truth[i] & 0xff, predicted[i] & 0xff, classes - 1));
        }
      }
    }
  }

  /** Marks the pixels whose whole square is within the image and of one class. */
  private static void findInside(
      byte[] labels, boolean[] inside, int height, int width, int distance) {
    Arrays.fill(inside, false);
    int side = 2 * distance + 1;
    if (side > height || side > width) {
      return;
    }
    byte[] row = new byte[width];
    byte[] above = new byte[width];
    Arrays.fill(above, NONE);
    int[] rowsOfOne = new int[width];
    for (int y = 0; y < height; y++) {
      findWideEnough(labels, y * width, row, distance);
      int middle = (y - distance) * width;
      for (int x = 0; x < width; x++) {
        int rows = row[x] == above[x] ? rowsOfOne[x] + 1 : 1;
        rowsOfOne[x] = rows;
        above[x] = row[x];
        if (rows >= side && row[x] != NONE) {
          inside[middle + x] = true;
        }
      }
    }
  }

  /** A row's labels where they are the same up to a distance on both sides, and none elsewhere. */
  private static void findWideEnough(byte[] labels, int from, byte[] row, int distance) {
    Arrays.fill(row, NONE);
    for (int start = 0; start < row.length; ) {
      byte label = labels[from + start];
      int end = start + 1;
      while (end < row.length && labels[from + end] == label) {
        end++;
      }
      if (end - start > 2 * distance) {
        Arrays.fill(row, start + distance, end - distance, label);
      }
      start = end;
    }
  }

  private BoundaryCounts count() {
    long[] intersections = new long[classes];
    long[] unions = new long[classes];
    for (int i = 0; i < truthLabels.length; i++) {
      byte truth = truthLabels[i];
      byte predicted = predictedLabels[i];
      if (truth == NONE || (truthInside[i] && predictedInside[i])) {
        continue;
      }
      if (truth == predicted) {
        unions[truth & 0xff]++;
        intersections[truth & 0xff] += truthInside[i] || predictedInside[i] ? 0 : 1;
      } else {
        unions[truth & 0xff] += truthInside[i] ? 0 : 1;
        unions[predicted & 0xff] += predictedInside[i] ? 0 : 1;
      }
    }
    return new BoundaryCounts(intersections, unions);
  }
}
