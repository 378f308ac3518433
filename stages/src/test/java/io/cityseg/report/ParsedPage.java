package io.cityseg.report;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/**
 * A page as a strict XML parser reads it, for questions.
 *
 * @param source its text
 * @param document its elements
 */
record ParsedPage(String source, Document document) {
  static ParsedPage parse(byte[] html) throws Exception {
    DocumentBuilder builder = DocumentBuilderFactory.newInstance().newDocumentBuilder();
    builder.setErrorHandler(null);
    return new ParsedPage(
        new String(html, StandardCharsets.UTF_8), builder.parse(new ByteArrayInputStream(html)));
  }

  /** The elements of a name, in the page's order. */
  List<Element> all(String name) {
    return elements(document.getElementsByTagName(name));
  }

  /** The texts of the elements of a name. */
  List<String> texts(String name) {
    return all(name).stream().map(Element::getTextContent).toList();
  }

  /** An attribute of every element of a name; empty where it is missing. */
  List<String> attributes(String name, String attribute) {
    return all(name).stream().map(element -> element.getAttribute(attribute)).toList();
  }

  /** Every id. */
  List<String> ids() {
    return attributes("*", "id").stream().filter(id -> !id.isEmpty()).toList();
  }

  /** The verdict's sentence. */
  String verdict() {
    return all("p").stream()
        .filter(p -> p.getAttribute("class").startsWith("verdict"))
        .findFirst()
        .orElseThrow()
        .getTextContent();
  }

  /** The text of the first row of a section whose heading is the given one. */
  String row(String section, String heading) {
    Element parent =
        all("section").stream()
            .filter(s -> s.getAttribute("id").equals(section))
            .findFirst()
            .orElseThrow();
    return elements(parent.getElementsByTagName("tr")).stream()
        .filter(row -> row.getFirstChild().getTextContent().equals(heading))
        .findFirst()
        .orElseThrow(() -> new AssertionError("No row '" + heading + "' in section " + section))
        .getTextContent();
  }

  private static List<Element> elements(NodeList nodes) {
    return IntStream.range(0, nodes.getLength()).mapToObj(i -> (Element) nodes.item(i)).toList();
  }
}
