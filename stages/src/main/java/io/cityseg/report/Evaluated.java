package io.cityseg.report;

import static java.util.Objects.requireNonNull;

import io.cityseg.proto.ArtifactRef;
import io.cityseg.proto.ClassMetrics;
import io.cityseg.proto.EvaluationManifest;
import io.cityseg.proto.ImageMetrics;
import io.cityseg.proto.Prediction;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.Collectors;

/**
 * One evaluation and what it is called.
 *
 * @param role the input's role: "baseline", or "checkpoint:" and the subject; unlike subjects,
 *     roles are unique in a call
 * @param reference the evaluation's own reference
 * @param manifest its content
 */
record Evaluated(String role, ArtifactRef reference, EvaluationManifest manifest) {
  Evaluated {
    requireNonNull(role, "role");
    requireNonNull(reference, "reference");
    requireNonNull(manifest, "manifest");
  }

  /** What it is called, for people: "baseline", "epoch 6", a file's name; any characters. */
  String subject() {
    return isBaseline() ? role : role.substring(ReportInputs.CHECKPOINT_PREFIX.length());
  }

  /** True for the evaluation of the initial checkpoint. */
  boolean isBaseline() {
    return role.equals(ReportInputs.BASELINE);
  }

  /** Share of all pixels by the measure paper, 0..1; nothing when there is no pixel. */
  OptionalDouble pixelAccuracy() {
    return manifest.hasPixelAccuracy()
        ? OptionalDouble.of(manifest.getPixelAccuracy())
        : OptionalDouble.empty();
  }

  /** IoU of a class, 0..1; nothing when it is neither in the ground truth nor predicted. */
  static OptionalDouble iou(ClassMetrics metrics) {
    return metrics.hasIou() ? OptionalDouble.of(metrics.getIou()) : OptionalDouble.empty();
  }

  /** The images' measures by id. */
  Map<String, ImageMetrics> imagesById() {
    return manifest.getImagesList().stream()
        .collect(Collectors.toMap(ImageMetrics::getId, image -> image, (first, second) -> first));
  }

  /** The kept predictions' PNGs by the image's id. */
  Map<String, ArtifactRef> predictionsById() {
    return manifest.getPredictionsList().stream()
        .collect(Collectors.toMap(Prediction::getId, Prediction::getPng, (first, second) -> first));
  }
}
