package io.cityseg.report;

import io.cityseg.evaluate.CityscapesMeasure;
import io.cityseg.evaluate.PaperMeasure;
import io.cityseg.labels.CityscapesLabels;
import io.cityseg.proto.EvaluationManifest;
import io.cityseg.proto.SplitManifest;
import java.util.List;
import java.util.OptionalDouble;

/** What a number measures. Numbers of two measures are never in one column. */
enum Measure {
  /** The reference run's: 20 classes, void counted, at the training size. */
  PAPER(PaperMeasure.NAME) {
    @Override
    boolean isIn(EvaluationManifest evaluation) {
      return !CITYSCAPES.isIn(evaluation) || !evaluation.getMeasure().isEmpty();
    }

    @Override
    OptionalDouble meanIou(EvaluationManifest evaluation) {
      return evaluation.hasMeanIou()
          ? OptionalDouble.of(evaluation.getMeanIou())
          : OptionalDouble.empty();
    }

    @Override
    String summary(SplitManifest val) {
      return "%s measure: %d classes, void counted, at %dx%d"
          .formatted(text(), CityscapesLabels.CLASSES, val.getHeight(), val.getWidth());
    }

    @Override
    List<String> definition() {
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
  },

  /** The official one: 19 classes, void ignored, at full resolution. */
  CITYSCAPES(CityscapesMeasure.NAME) {
    @Override
    boolean isIn(EvaluationManifest evaluation) {
      return evaluation.hasCityscapes();
    }

    @Override
    OptionalDouble meanIou(EvaluationManifest evaluation) {
      return evaluation.getCityscapes().hasMeanIou()
          ? OptionalDouble.of(evaluation.getCityscapes().getMeanIou())
          : OptionalDouble.empty();
    }

    @Override
    String summary(SplitManifest val) {
      return "%s measure: 19 classes, void ignored, at full resolution".formatted(text());
    }

    @Override
    List<String> definition() {
      return List.of(
          "The official pixel-level evaluation (evalPixelLevelSemanticLabeling of"
              + " cityscapesScripts): regular ids at the images' own resolution. Pixels whose ground"
              + " truth is void are not counted.",
          "IoU of a class = true positives / (true positives + false positives + false negatives)"
              + " over the whole split. mIoU = the mean over the 19 classes, those left out that are"
              + " neither in the ground truth nor predicted. Category IoU: the same over the 7"
              + " categories.",
          "iIoU weights every instance of the ground truth with the average size of its class over"
              + " its own, for classes that have instances. It is not available where an image has"
              + " no instanceIds file.",
          "The network's logits are enlarged bilinearly to the image's resolution before the class"
              + " of a pixel is chosen, among the 19 classes: void is never predicted, as it could"
              + " never be right.");
    }
  };

  private final String text;

  Measure(String text) {
    this.text = text;
  }

  /** Its name in manifests, tables and files. */
  String text() {
    return text;
  }

  /** Whether an evaluation has numbers of it. */
  abstract boolean isIn(EvaluationManifest evaluation);

  /** Its mean IoU, 0..1; nothing when no class is present. */
  abstract OptionalDouble meanIou(EvaluationManifest evaluation);

  /** In a few words. */
  abstract String summary(SplitManifest val);

  /** In full: a sentence each. */
  abstract List<String> definition();

  /** The measures of an evaluation; the first is the one by which the report compares. */
  static List<Measure> of(EvaluationManifest evaluation) {
    return List.of(values()).stream().filter(measure -> measure.isIn(evaluation)).toList();
  }
}
