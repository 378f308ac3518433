package io.cityseg.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlainWriterTest {
  private static String printed(String text) {
    StringWriter out = new StringWriter();
    try (PrintWriter writer = new PrintWriter(new PlainWriter(out))) {
      writer.print(text);
    }
    return out.toString();
  }

  @Test
  void write_whenTheTextIsPlain_leavesIt() {
    String text = "a\tb\nZürich 東京 🚗 %s\\u001b\nend\n";

    assertThat(printed(text)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({"1b,\\u001b", "7,\\u0007", "d,\\u000d", "7f,\\u007f", "9b,\\u009b", "202e,\\u202e"})
  void write_whenACharacterCommandsATerminal_showsIt(String code, String shown) {
    char command = (char) Integer.parseInt(code, 16);

    assertThat(printed("a" + command + "[2Jb" + command)).isEqualTo("a" + shown + "[2Jb" + shown);
  }

  @Test
  void line_whenTheTextHasLines_isOne() {
    assertThat(PlainText.line("a\nb\tc")).isEqualTo("a\\u000ab\\u0009c");
  }
}
