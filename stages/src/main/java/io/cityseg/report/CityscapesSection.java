package io.cityseg.report;

import static io.cityseg.report.Element.element;

import io.cityseg.labels.CityscapesLabels;
import io.cityseg.proto.CityscapesMetrics;
import io.cityseg.proto.LabelScore;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.Function;

/** All numbers of the official measure: a line a checkpoint, then classes and categories. */
record CityscapesSection(ReportInputs inputs) {
  private static final String NOT_AVAILABLE = "n/a";

  Section section() {
    Comparison comparison = inputs.comparison().by(Measure.CITYSCAPES);
    List<Node> content = new ArrayList<>();
    content.add(checkpoints(comparison).framed());
    content.add(
        Section.note("Predicted from: " + metrics(comparison.baseline()).getPrediction() + "."));
    CityscapesMetrics baseline = metrics(comparison.baseline());
    if (baseline.getImagesWithoutInstances() > 0) {
      content.add(
          Section.note(
              "iIoU is not available (n/a): %s of %s have no *_gtFine_instanceIds.png."
                  .formatted(
                      Numbers.count(baseline.getImagesWithoutInstances()),
                      Numbers.count(baseline.getImages(), "image"))));
    }
    content.add(
        Section.note(
            "\u2013 where there is no iIoU: the class or category has no instances, or none is there."));
    content.add(
        scores(
                comparison,
                "IoU and iIoU by class (measure: " + Measure.CITYSCAPES.text() + ")",
                "Class",
                CityscapesMetrics::getClassesList,
                CityscapesSection::className)
            .framed());
    content.add(
        scores(
                comparison,
                "IoU and iIoU by category (measure: " + Measure.CITYSCAPES.text() + ")",
                "Category",
                CityscapesMetrics::getCategoriesList,
                Node::text)
            .framed());
    if (hasBoundary(comparison)) {
      content.add(boundaries(comparison).framed());
      content.add(
          Section.note(
              ("Boundary IoU, which the official evaluation has not (Cheng et al., CVPR 2021): the IoU"
                      + " of those pixels of a class that lie within %s of the image's diagonal of"
                      + " the class's contour or of the image's edge; pixels that are void in the"
                      + " ground truth count nowhere; intersections and unions are summed over all"
                      + " images.")
                  .formatted(Numbers.percent(baseline.getBoundaryDilationRatio()))));
    }
    return new Section("cityscapes", "By the official measure", content);
  }

  private Table checkpoints(Comparison comparison) {
    Table table =
        new Table("By the " + Measure.CITYSCAPES.summary(inputs.val()))
            .column("Checkpoint")
            .column("mIoU", "meter")
            .numbers("Difference, points")
            .numbers("Category IoU")
            .numbers("iIoU")
            .numbers("Category iIoU");
    if (hasBoundary(comparison)) {
      table.numbers("Boundary IoU");
    }
    table.numbers("Images");
    for (Evaluated evaluated : comparison.all()) {
      CityscapesMetrics metrics = metrics(evaluated);
      List<Node> cells = new ArrayList<>();
      cells.add(
          Cells.bar(
              comparison.meanIou(evaluated), evaluated.isBaseline() ? "baseline" : "checkpoint"));
      cells.add(
          evaluated.isBaseline()
              ? Cells.none()
              : Cells.difference(comparison.deltaMeanIou(evaluated)));
      cells.add(Cells.share(optional(metrics.hasMeanCategoryIou(), metrics.getMeanCategoryIou())));
      cells.add(
          instances(metrics, optional(metrics.hasMeanInstanceIou(), metrics.getMeanInstanceIou())));
      cells.add(
          instances(
              metrics,
              optional(
                  metrics.hasMeanCategoryInstanceIou(), metrics.getMeanCategoryInstanceIou())));
      if (hasBoundary(comparison)) {
        cells.add(
            Cells.share(optional(metrics.hasMeanBoundaryIou(), metrics.getMeanBoundaryIou())));
      }
      cells.add(Node.text(Numbers.count(metrics.getImages())));
      table.row(
          comparison.isBest(evaluated) ? "best" : null,
          ComparisonSection.subject(comparison, evaluated),
          cells);
    }
    return table;
  }

  /** The same in all evaluations of a report. */
  private static boolean hasBoundary(Comparison comparison) {
    return metrics(comparison.baseline()).hasBoundary();
  }

  private static Table boundaries(Comparison comparison) {
    Table table =
        new Table("Boundary IoU by class (measure: " + Measure.CITYSCAPES.text() + ")")
            .column("Class");
    List<Evaluated> columns = comparison.bestFirst();
    columns.forEach(evaluated -> table.column(evaluated.subject(), "meter"));
    for (int i = 0; i < metrics(comparison.baseline()).getClassesCount(); i++) {
      List<Node> cells = new ArrayList<>();
      for (Evaluated evaluated : columns) {
        LabelScore score = metrics(evaluated).getClasses(i);
        cells.add(
            Cells.bar(
                optional(score.hasBoundaryIou(), score.getBoundaryIou()),
                evaluated.isBaseline() ? "baseline" : "checkpoint"));
      }
      table.row(className(metrics(comparison.baseline()).getClasses(i).getName()), cells);
    }
    return table;
  }

  private static Table scores(
      Comparison comparison,
      String caption,
      String heading,
      Function<CityscapesMetrics, List<LabelScore>> scores,
      Function<String, Node> name) {
    Table table = new Table(caption).column(heading);
    List<Evaluated> columns = comparison.bestFirst();
    for (Evaluated evaluated : columns) {
      // What is measured stands below its subject, whose words stay together.
      String subject = evaluated.subject().replaceFirst("^epoch ", "epoch\u00a0");
      table.column(subject + ", IoU", "meter");
      table.numbers(subject + ", iIoU");
    }
    List<LabelScore> rows = scores.apply(metrics(comparison.baseline()));
    for (int i = 0; i < rows.size(); i++) {
      List<Node> cells = new ArrayList<>();
      for (Evaluated evaluated : columns) {
        LabelScore score = scores.apply(metrics(evaluated)).get(i);
        cells.add(
            Cells.bar(
                optional(score.hasIou(), score.getIou()),
                evaluated.isBaseline() ? "baseline" : "checkpoint"));
        cells.add(
            instances(
                metrics(evaluated), optional(score.hasInstanceIou(), score.getInstanceIou())));
      }
      table.row(name.apply(rows.get(i).getName()), cells);
    }
    return table;
  }

  private static Node className(String name) {
    return ClassPalette.named(CityscapesLabels.ofName(name).orElseThrow().trainId(), name);
  }

  private static Node instances(CityscapesMetrics metrics, OptionalDouble score) {
    if (metrics.getImagesWithoutInstances() > 0) {
      return element("span", "absent").text(NOT_AVAILABLE);
    }
    return score.isPresent() ? Cells.share(score) : Cells.none();
  }

  private static CityscapesMetrics metrics(Evaluated evaluated) {
    return evaluated.manifest().getCityscapes();
  }

  private static OptionalDouble optional(boolean present, double value) {
    return present ? OptionalDouble.of(value) : OptionalDouble.empty();
  }
}
