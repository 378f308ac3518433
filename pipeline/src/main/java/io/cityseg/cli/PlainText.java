package io.cityseg.cli;

/**
 * Text from anywhere made fit to be printed: names and messages of a store are whatever somebody
 * has written there, and a terminal obeys control characters (ECMA-48), such as those that clear
 * the screen, rename its window or answer as if they had been typed. Each becomes visible, in the
 * form {@code \u001b}, which JSON reads as the character itself. So do the marks that turn the
 * direction of text around, by which one name can look like another.
 */
final class PlainText {
  private PlainText() {}

  /** Text of one line: line ends are control characters like the others. */
  static String line(String text) {
    StringBuilder plain = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (isControl(c)) {
        append(c, plain);
      } else {
        plain.append(c);
      }
    }
    return plain.toString();
  }

  /** What a program prints: lines of text, with tabs. */
  static boolean isPrintable(char c) {
    return c == '\n' || c == '\t' || !isControl(c);
  }

  static void append(char control, StringBuilder out) {
    out.append("\\u%04x".formatted((int) control));
  }

  private static boolean isControl(char c) {
    return Character.isISOControl(c) // C0, DEL and C1
        || (c >= 0x2028 && c <= 0x202E) // line and paragraph separators, embeddings, overrides
        || (c >= 0x2066 && c <= 0x2069) // isolates
        || c == 0x200E
        || c == 0x200F
        || c == 0xFEFF;
  }
}
