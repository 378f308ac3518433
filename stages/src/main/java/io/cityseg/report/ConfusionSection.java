package io.cityseg.report;

import static io.cityseg.report.Element.element;

import io.cityseg.evaluate.PaperMeasure;
import io.cityseg.proto.ClassMetrics;
import io.cityseg.proto.ConfusionMatrix;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** What the best checkpoint takes for what: the confusion matrix, every row in percent. */
record ConfusionSection(Evaluated evaluated) {
  /**
   * From these shares on a cell's number is set in the other colour, so that it contrasts with the
   * cell by 3.7 to 1 at least: on a dark page from the first, on a light one from the second.
   */
  private static final double MIDDLE = 0.6;

  private static final double DARK = 0.8;

  private static final int LISTED_MISTAKES = 5;

  /**
   * Pixels of one class that are taken for another.
   *
   * @param truth the class in the ground truth
   * @param predicted the class that was predicted
   * @param pixels how many
   */
  private record Mistake(int truth, int predicted, long pixels) {}

  Section section() {
    String caption =
        "Confusion matrix of %s (measure: %s), every row in percent of the class's pixels"
            .formatted(evaluated.subject(), PaperMeasure.NAME);
    Element table = element("table", "confusion").add(Table.caption(caption), head(), body());
    return new Section(
        "confusion",
        "What is taken for what",
        List.of(
            mistakes(),
            Section.note(
                "In the matrix a row is a class of the ground truth, a column what was predicted there; the"
                    + " diagonal is what was right."),
            Section.folded(
                "Confusion matrix of " + evaluated.subject(), Table.frame(caption, table))));
  }

  private Element mistakes() {
    ConfusionMatrix confusion = evaluated.manifest().getConfusion();
    List<Mistake> mistakes = new ArrayList<>();
    for (int i = 0; i < confusion.getCountsCount(); i++) {
      int truth = i / confusion.getClasses();
      int predicted = i % confusion.getClasses();
      if (truth != predicted && confusion.getCounts(i) > 0) {
        mistakes.add(new Mistake(truth, predicted, confusion.getCounts(i)));
      }
    }
    // The sort is stable: of equal ones the lower classes come first.
    mistakes.sort(Comparator.comparingLong(Mistake::pixels).reversed());
    Table table =
        new Table("The mistakes of %s that cost most pixels".formatted(evaluated.subject()))
            .column("Ground truth")
            .column("Taken for")
            .numbers("Of the class")
            .numbers("Pixels");
    for (Mistake mistake : mistakes.subList(0, Math.min(LISTED_MISTAKES, mistakes.size()))) {
      ClassMetrics truth = evaluated.manifest().getClasses(mistake.truth());
      table.row(
          ClassPalette.named(mistake.truth(), truth.getName()),
          List.of(
              ClassPalette.named(
                  mistake.predicted(),
                  evaluated.manifest().getClasses(mistake.predicted()).getName()),
              Node.text(Numbers.percent((double) mistake.pixels() / truth.getTargetPixels())),
              Node.text(Numbers.count(mistake.pixels()))));
    }
    return table.framed();
  }

  private Element head() {
    Element row =
        element("tr")
            .add(
                element("th", "corner")
                    .attribute("scope", "col")
                    .text("truth \u2193 prediction \u2192"));
    for (ClassMetrics metrics : evaluated.manifest().getClassesList()) {
      row.add(
          element("th", "upright")
              .attribute("scope", "col")
              .add(element("span").text(metrics.getName())));
    }
    return element("thead").add(row);
  }

  private Element body() {
    ConfusionMatrix confusion = evaluated.manifest().getConfusion();
    List<Element> rows = new ArrayList<>();
    for (int truth = 0; truth < confusion.getClasses(); truth++) {
      int start = truth * confusion.getClasses();
      List<Long> counts = confusion.getCountsList().subList(start, start + confusion.getClasses());
      rows.add(row(evaluated.manifest().getClasses(truth), counts));
    }
    return element("tbody").add(rows);
  }

  private static Element row(ClassMetrics truth, List<Long> counts) {
    Element row =
        element("tr")
            .add(
                element("th")
                    .attribute("scope", "row")
                    .add(ClassPalette.named(truth.getClassIndex(), truth.getName())));
    long total = counts.stream().mapToLong(Long::longValue).sum();
    for (int predicted = 0; predicted < counts.size(); predicted++) {
      row.add(cell(counts.get(predicted), total, predicted == truth.getClassIndex()));
    }
    return row;
  }

  private static Element cell(long count, long total, boolean right) {
    if (total == 0) {
      return element("td", "nothing").text("\u2013");
    }
    double share = (double) count / total;
    String shade =
        count == 0 ? "nothing" : share >= DARK ? "dark" : share >= MIDDLE ? "middle" : "light";
    String cssClass = right ? shade + " right" : shade;
    Element cell = element("td", cssClass).attribute("title", Numbers.count(count, "pixel"));
    if (count > 0) {
      cell.attribute("style", "--share:" + Numbers.coordinate(share));
    }
    return cell.text(percent(share));
  }

  private static String percent(double share) {
    if (share == 0) {
      return "0";
    }
    return share < 0.005 ? "<1" : Numbers.fixed(100 * share, 0);
  }
}
