package io.cityseg.report;

/** How text becomes markup: the one place where characters are escaped. */
final class Escaping {
  private static final int REPLACEMENT = 0xFFFD;

  private Escaping() {}

  /**
   * Appends text so that it is text in an element and in a quoted attribute. Characters that XML
   * 1.0 (section 2.2) cannot hold in any form become U+FFFD.
   */
  static void append(String text, StringBuilder out) {
    text.codePoints()
        .forEach(
            c -> {
              switch (c) {
                case '&' -> out.append("&amp;");
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                case '"' -> out.append("&quot;");
                case '\'' -> out.append("&#39;");
                default -> out.appendCodePoint(isXml(c) ? c : REPLACEMENT);
              }
            });
  }

  private static boolean isXml(int c) {
    return c == '\t'
        || c == '\n'
        || c == '\r'
        || (c >= 0x20 && c <= 0xD7FF)
        || (c >= 0xE000 && c <= 0xFFFD)
        || c >= 0x10000;
  }
}
