package io.cityseg.report;

import static io.cityseg.report.Element.element;

import io.cityseg.proto.ClassMetrics;
import io.cityseg.proto.ConfusionMatrix;
import java.util.ArrayList;
import java.util.List;

/** What the best checkpoint takes for what: the confusion matrix, every row in percent. */
record ConfusionSection(Evaluated evaluated) {
  /** From this share on a cell is so dark that its number is set in the other colour. */
  private static final double DARK = 0.5;

  Section section() {
    String caption =
        "Confusion matrix of %s (measure: %s), every row in percent of the class's pixels"
            .formatted(evaluated.subject(), PaperMeasure.NAME);
    Element table =
        element("table", "confusion").add(element("caption").text(caption), head(), body());
    return new Section(
        "confusion",
        "What is taken for what",
        List.of(
            Section.note(
                "A row is a class of the ground truth, a column what was predicted there; the"
                    + " diagonal is what was right."),
            Section.folded(
                "Confusion matrix of " + evaluated.subject(), Table.frame(caption, table))));
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
    String shade = count == 0 ? "nothing" : share >= DARK ? "dark" : "light";
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
