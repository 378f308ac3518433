package io.cityseg.report;

import io.cityseg.evaluate.PaperMeasure;
import io.cityseg.labels.CityscapesLabels;
import io.cityseg.proto.ClassMetrics;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/** The IoU of every class, by evaluation. */
record ClassSection(ReportInputs inputs) {
  /** Characters from which on a heading needs a wider column than its numbers do. */
  private static final int LONG_SUBJECT = 16;

  Section section() {
    List<Evaluated> columns = inputs.comparison().bestFirst();
    Table table =
        new Table("IoU by class (measure: " + PaperMeasure.NAME + ")")
            .column("Class")
            .numbers("Val pixels");
    for (Evaluated evaluated : columns) {
      boolean isLong = evaluated.subject().length() > LONG_SUBJECT;
      table.column(heading(evaluated), isLong ? "meter long" : "meter");
    }
    for (int c = 0; c < CityscapesLabels.CLASSES; c++) {
      ClassMetrics metrics = inputs.comparison().baseline().manifest().getClasses(c);
      table.row(ClassPalette.named(c, metrics.getName()), cells(c, columns));
    }
    return new Section(
        "classes",
        "IoU by class",
        List.of(
            table.framed(),
            Section.note(
                "\u201Cabsent\u201D: the class is neither in the ground truth nor in the prediction. It has"
                    + " no IoU, which is not the same as an IoU of 0, and is left out of the"
                    + " mean.")));
  }

  private String heading(Evaluated evaluated) {
    return inputs.comparison().isBest(evaluated) && inputs.comparison().checkpoints().size() > 1
        ? evaluated.subject() + " (best)"
        : evaluated.subject();
  }

  private List<Node> cells(int classIndex, List<Evaluated> columns) {
    List<Node> cells = new ArrayList<>();
    cells.add(Cells.roundShare(PixelHistogram.of(inputs.val()).share(classIndex)));
    for (Evaluated evaluated : columns) {
      OptionalDouble iou = Evaluated.iou(evaluated.manifest().getClasses(classIndex));
      cells.add(Cells.bar(iou, evaluated.isBaseline() ? "baseline" : "checkpoint"));
    }
    return cells;
  }
}
