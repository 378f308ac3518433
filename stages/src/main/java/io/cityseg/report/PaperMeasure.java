package io.cityseg.report;

import java.util.List;

/** What the measure {@code paper} is, in words. */
final class PaperMeasure {
  /** The measure's name in manifests. */
  static final String NAME = "paper";

  /** Its classes: the 19 trainIds and void. */
  static final int CLASSES = 20;

  private PaperMeasure() {}

  /** In a few words, with the size of the images in pixels. */
  static String summary(int height, int width) {
    return "%s measure: %d classes, void counted, at %dx%d".formatted(NAME, CLASSES, height, width);
  }

  /** In full: a sentence each. */
  static List<String> definition() {
    return List.of(
        "20 classes: the 19 Cityscapes trainIds, and void. Label 255 becomes class 19, which is"
            + " trained on and counted like any other class.",
        "IoU of a class = true positives / (true positives + false positives + false negatives),"
            + " from one confusion matrix of exact pixel counts over the whole split.",
        "mIoU = the unweighted mean over the classes that are in the ground truth or in the"
            + " prediction. A class that is in neither is absent: it has no IoU, and is left out."
            + " These are the rules of torchmetrics: JaccardIndex(task=\"multiclass\","
            + " num_classes=20), macro average.",
        "Pixel accuracy = the share of all pixels, void included, that are predicted right.",
        "All of it at the training size. The official Cityscapes score (19 classes, void ignored,"
            + " full resolution) is another measure; the two cannot be compared.");
  }
}
