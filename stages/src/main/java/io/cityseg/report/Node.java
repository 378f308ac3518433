package io.cityseg.report;

/** A piece of markup that writes itself as XHTML: valid HTML 5 and well-formed XML at once. */
sealed interface Node permits Element, Node.Text {
  /** Appends this piece, escaped. */
  void write(StringBuilder out);

  /** Plain text; whatever it holds, it stays text. */
  static Node text(String text) {
    return new Text(text);
  }

  /**
   * Plain text.
   *
   * @param text any characters
   */
  record Text(String text) implements Node {
    @Override
    public void write(StringBuilder out) {
      Escaping.append(text, out);
    }
  }
}
