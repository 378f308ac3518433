package io.cityseg.report;

import static io.cityseg.report.Element.element;

import java.util.List;

/**
 * A part of the page.
 *
 * @param id the anchor's name
 * @param heading of the section and its entry in the table of contents
 * @param content in the page's order
 */
record Section(String id, String heading, List<Node> content) {
  Section {
    content = List.copyOf(content);
  }

  /** The section with its heading. */
  Element markup() {
    String headingId = id + "-heading";
    return element("section")
        .attribute("id", id)
        .attribute("aria-labelledby", headingId)
        .add(element("h2").attribute("id", headingId).text(heading))
        .add(content);
  }

  /** A link to the section. */
  Element link() {
    return element("a").attribute("href", "#" + id).text(heading);
  }

  /** A paragraph of explanation. */
  static Element note(String text) {
    return element("p", "note").text(text);
  }

  /** Content that is folded away until it is asked for. */
  static Element folded(String summary, Node... content) {
    return element("details").add(element("summary").text(summary)).add(content);
  }
}
