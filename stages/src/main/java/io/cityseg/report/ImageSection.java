package io.cityseg.report;

import static io.cityseg.report.Element.element;

import io.cityseg.evaluate.PaperMeasure;
import io.cityseg.proto.ImageMetrics;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/** The images on which the best checkpoint does worst and best. */
record ImageSection(ReportInputs inputs) {
  private static final int MAX_LENGTH = 5;

  Section section() {
    Evaluated shown = inputs.comparison().shown();
    List<ImageMetrics> ascending =
        shown.manifest().getImagesList().stream()
            .sorted(
                Comparator.comparingDouble(ImageMetrics::getMeanIou)
                    .thenComparing(ImageMetrics::getId))
            .toList();
    // No image is in both lists.
    int length = Math.min(MAX_LENGTH, ascending.size() / 2);
    List<ImageMetrics> descending = new ArrayList<>(ascending);
    descending.sort(
        Comparator.comparingDouble(ImageMetrics::getMeanIou)
            .reversed()
            .thenComparing(ImageMetrics::getId));
    Element tables = element("div", "columns");
    if (length == 0) {
      tables.add(table("All images", ascending));
    } else {
      tables.add(
          table("The %d worst".formatted(length), ascending.subList(0, length)),
          table("The %d best".formatted(length), descending.subList(0, length)));
    }
    return new Section(
        "images",
        "Worst and best images",
        List.of(
            Section.note(
                "By the mIoU of the single image with %s (measure: %s; mean over the classes that are in this image's ground truth or prediction)."
                    .formatted(shown.subject(), PaperMeasure.NAME)),
            tables));
  }

  private Element table(String caption, List<ImageMetrics> images) {
    boolean compared = inputs.comparison().best().isPresent();
    Table table = new Table(caption).column("Image", "id").numbers("mIoU");
    if (compared) {
      table.numbers("Baseline").numbers("Difference, points");
    }
    table.numbers("Pixel accuracy");
    Map<String, ImageMetrics> baseline = inputs.comparison().baseline().imagesById();
    for (ImageMetrics image : images) {
      List<Node> cells = new ArrayList<>();
      cells.add(Node.text(Numbers.percent(image.getMeanIou())));
      if (compared) {
        ImageMetrics before = baseline.get(image.getId());
        cells.add(before == null ? Cells.none() : Node.text(Numbers.percent(before.getMeanIou())));
        cells.add(
            Cells.difference(
                before == null
                    ? OptionalDouble.empty()
                    : OptionalDouble.of(image.getMeanIou() - before.getMeanIou())));
      }
      cells.add(Node.text(Numbers.percent(image.getPixelAccuracy())));
      table.row(element("code").text(image.getId()), cells);
    }
    return table.framed();
  }
}
