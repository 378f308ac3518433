package io.cityseg.report;

import static io.cityseg.report.Element.element;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ElementTest {
  @Test
  void write_whenTextAndAttributesAreHostile_escapesThem() {
    assertThat(written(element("p").attribute("title", "\"><b>").text("<i>&'")))
        .isEqualTo("<p title=\"&quot;&gt;&lt;b&gt;\">&lt;i&gt;&amp;&#39;</p>");
  }

  @Test
  void write_whenACharacterIsNoneOfXml_replacesIt() {
    assertThat(written(Node.text("a\u0000b\uD800c\uFFFFd\t\uD83D\uDE80")))
        .isEqualTo("a\uFFFDb\uFFFDc\uFFFDd\t\uD83D\uDE80");
  }

  @Test
  void write_whenEmpty_closesAsHtmlWants() {
    assertThat(written(element("td"))).isEqualTo("<td></td>");
    assertThat(written(element("img"))).isEqualTo("<img/>");
  }

  @Test
  void attribute_whenTheNameIsNone_refuses() {
    assertThatThrownBy(() -> element("p").attribute("on load", "x"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid name of an element or attribute: 'on load'");
  }

  private static String written(Node node) {
    StringBuilder out = new StringBuilder();
    node.write(out);
    return out.toString();
  }
}
