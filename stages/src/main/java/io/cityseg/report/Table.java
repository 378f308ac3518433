package io.cityseg.report;

import static io.cityseg.report.Element.element;

import java.util.ArrayList;
import java.util.List;

/** A table with a caption, column headings, and a heading in every row. */
final class Table {
  private record Column(String heading, String cssClass) {}

  private final String caption;
  private final List<Column> columns = new ArrayList<>();
  private final List<Element> rows = new ArrayList<>();

  Table(String caption) {
    this.caption = caption;
  }

  /** Adds a column of text. */
  Table column(String heading) {
    return column(heading, "text");
  }

  /** Adds a column of numbers, which are set flush right. */
  Table numbers(String heading) {
    return column(heading, "number");
  }

  /** Adds a column of a class of the style sheet. */
  Table column(String heading, String cssClass) {
    columns.add(new Column(heading, cssClass));
    return this;
  }

  /** Adds a row: its heading, then a cell for each of the other columns. */
  Table row(Node heading, List<? extends Node> cells) {
    return row(null, heading, cells);
  }

  /** Adds a row of a class of the style sheet; null for none. */
  Table row(String cssClass, Node heading, List<? extends Node> cells) {
    if (cells.size() != columns.size() - 1) {
      throw new IllegalArgumentException(
          "Invalid row of table '%s': %d cells (must be %d, one fewer than columns)"
              .formatted(caption, cells.size(), columns.size() - 1));
    }
    Element row = cssClass == null ? element("tr") : element("tr", cssClass);
    row.add(element("th", columns.get(0).cssClass()).attribute("scope", "row").add(heading));
    for (int i = 0; i < cells.size(); i++) {
      row.add(element("td", columns.get(i + 1).cssClass()).add(cells.get(i)));
    }
    rows.add(row);
    return this;
  }

  /** The table, in a frame of its own that scrolls where the screen is narrower than the table. */
  Element framed() {
    return frame(caption, element("table").add(caption(caption), head(), body(rows)));
  }

  /** A caption that stays in sight while its table scrolls. */
  static Element caption(String text) {
    return element("caption").add(element("span").text(text));
  }

  /** A frame that scrolls sideways, and that a keyboard can reach. */
  static Element frame(String label, Element table) {
    return element("div", "frame")
        .attribute("role", "region")
        .attribute("aria-label", label)
        .attribute("tabindex", "0")
        .add(table);
  }

  private Element head() {
    Element row = element("tr");
    for (Column column : columns) {
      row.add(element("th", column.cssClass()).attribute("scope", "col").text(column.heading()));
    }
    return element("thead").add(row);
  }

  private static Element body(List<Element> rows) {
    return element("tbody").add(rows);
  }
}
