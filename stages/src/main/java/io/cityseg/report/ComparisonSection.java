package io.cityseg.report;

import static io.cityseg.report.Element.element;

import java.util.List;

/** The baseline against the checkpoints, a line each. */
record ComparisonSection(ReportInputs inputs) {
  Section section() {
    Table table =
        new Table("By the " + summary())
            .column("Checkpoint")
            .column("mIoU", "meter")
            .numbers("Difference, points")
            .numbers("Pixel accuracy")
            .numbers("Images")
            .column("Digest of the checkpoint");
    for (Evaluated evaluated : inputs.comparison().all()) {
      table.row(
          inputs.comparison().isBest(evaluated) ? "best" : null,
          subject(inputs.comparison(), evaluated),
          cells(evaluated));
    }
    return new Section(
        "comparison",
        "Baseline and checkpoints",
        List.of(
            table.framed(),
            Section.note(
                "The difference is in percentage points of mIoU to the baseline, which is the"
                    + " checkpoint before any training.")));
  }

  private String summary() {
    return Measure.PAPER.summary(inputs.val());
  }

  /** An evaluation's name, and whether it is the best of a comparison. */
  static Node subject(Comparison comparison, Evaluated evaluated) {
    Element name = element("span").text(evaluated.subject());
    return comparison.isBest(evaluated)
        ? name.text(" ").add(element("span", "badge").text("best"))
        : name;
  }

  private List<Node> cells(Evaluated evaluated) {
    return List.of(
        Cells.bar(
            inputs.comparison().meanIou(evaluated),
            evaluated.isBaseline() ? "baseline" : "checkpoint"),
        evaluated.isBaseline()
            ? Cells.none()
            : Cells.difference(inputs.comparison().deltaMeanIou(evaluated)),
        Cells.share(evaluated.pixelAccuracy()),
        Node.text(Numbers.count(evaluated.manifest().getImagesCount())),
        Cells.digest(evaluated.manifest().getCheckpoint().getSha256()));
  }
}
