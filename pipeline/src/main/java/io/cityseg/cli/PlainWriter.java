package io.cityseg.cli;

import java.io.IOException;
import java.io.Writer;

/** Writes what can be printed as it is, and what would command a terminal as {@link PlainText}. */
final class PlainWriter extends Writer {
  private final Writer out;

  PlainWriter(Writer out) {
    this.out = out;
  }

  @Override
  public void write(char[] text, int offset, int length) throws IOException {
    int begun = offset;
    for (int i = offset; i < offset + length; i++) {
      if (!PlainText.isPrintable(text[i])) {
        out.write(text, begun, i - begun);
        StringBuilder visible = new StringBuilder();
        PlainText.append(text[i], visible);
        out.write(visible.toString());
        begun = i + 1;
      }
    }
    out.write(text, begun, offset + length - begun);
  }

  @Override
  public void flush() throws IOException {
    out.flush();
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
