package io.cityseg.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class TextTableTest {
  @Test
  void text_whenCellsDifferInLength_alignsColumnsWithoutTrailingBlanks() {
    assertThat(new TextTable("STAGE", "WHY").row("a", "").row("longer name", "first time").text())
        .isEqualTo("STAGE        WHY\na\nlonger name  first time\n");
  }

  @Test
  void text_whenACellHoldsControlCharacters_isOneLineARow() {
    assertThat(new TextTable("A", "B").row("x\u001b[2J\r\ny\u009b1m", "\u202eevil").text())
        .isEqualTo(
            """
            A                                B
            x\\u001b[2J\\u000d\\u000ay\\u009b1m  \\u202eevil
            """);
  }

  @Test
  void row_whenItHasAnotherNumberOfCells_isRefused() {
    assertThatThrownBy(() -> new TextTable("A", "B").row("one"))
        .hasMessage("Invalid row: [one] (must have 2 cells)");
  }
}
