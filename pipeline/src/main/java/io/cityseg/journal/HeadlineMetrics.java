package io.cityseg.journal;

import io.cityseg.evaluate.CityscapesMeasure;
import io.cityseg.proto.CityscapesMetrics;
import io.cityseg.proto.EvaluationManifest;
import io.cityseg.proto.HeadlineMetric;
import java.util.ArrayList;
import java.util.List;

/** An evaluation in a line for each measure that it has numbers of. */
final class HeadlineMetrics {
  private HeadlineMetrics() {}

  /** The measure paper before cityscapes. */
  static List<HeadlineMetric> of(String subject, EvaluationManifest evaluation) {
    List<HeadlineMetric> metrics = new ArrayList<>();
    HeadlineMetric.Builder metric =
        HeadlineMetric.newBuilder().setSubject(subject).setCheckpoint(evaluation.getCheckpoint());
    if (!evaluation.getMeasure().isEmpty()) {
      metrics.add(paper(metric.clone(), evaluation));
    }
    if (evaluation.hasCityscapes()) {
      metrics.add(cityscapes(metric.clone(), evaluation.getCityscapes()));
    }
    return metrics;
  }

  private static HeadlineMetric paper(HeadlineMetric.Builder metric, EvaluationManifest paper) {
    metric.setMeasure(paper.getMeasure());
    if (paper.hasMeanIou()) {
      metric.setMeanIou(paper.getMeanIou());
    }
    if (paper.hasPixelAccuracy()) {
      metric.setPixelAccuracy(paper.getPixelAccuracy());
    }
    return metric.build();
  }

  private static HeadlineMetric cityscapes(
      HeadlineMetric.Builder metric, CityscapesMetrics official) {
    metric.setMeasure(CityscapesMeasure.NAME);
    if (official.hasMeanIou()) {
      metric.setMeanIou(official.getMeanIou());
    }
    if (official.hasMeanCategoryIou()) {
      metric.setMeanCategoryIou(official.getMeanCategoryIou());
    }
    if (official.hasMeanInstanceIou()) {
      metric.setMeanInstanceIou(official.getMeanInstanceIou());
    }
    if (official.hasMeanCategoryInstanceIou()) {
      metric.setMeanCategoryInstanceIou(official.getMeanCategoryInstanceIou());
    }
    if (official.hasMeanBoundaryIou()) {
      metric.setMeanBoundaryIou(official.getMeanBoundaryIou());
    }
    return metric.build();
  }
}
