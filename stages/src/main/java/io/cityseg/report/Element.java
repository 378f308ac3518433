package io.cityseg.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * An element with its attributes and children, in the order in which they were added. Built by
 * chaining; not for sharing between threads.
 */
final class Element implements Node {
  /** Elements that HTML closes by itself, and that therefore have neither content nor end tag. */
  private static final Set<String> VOID = Set.of("br", "col", "img", "meta");

  private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9-]*");

  private final String name;
  private final StringBuilder attributes = new StringBuilder();
  private final List<Node> children = new ArrayList<>();

  private Element(String name) {
    this.name = checkedName(name);
  }

  /** An empty element. */
  static Element element(String name) {
    return new Element(name);
  }

  /** An element of a class of the style sheet. */
  static Element element(String name, String cssClass) {
    return new Element(name).attribute("class", cssClass);
  }

  /** Adds an attribute. */
  Element attribute(String attribute, String value) {
    attributes.append(' ').append(checkedName(attribute)).append("=\"");
    Escaping.append(value, attributes);
    attributes.append('"');
    return this;
  }

  /** Adds text, escaped. */
  Element text(String text) {
    return add(Node.text(text));
  }

  /** Adds children. */
  Element add(Node... nodes) {
    return add(List.of(nodes));
  }

  /** Adds children. */
  Element add(List<? extends Node> nodes) {
    if (VOID.contains(name) && !nodes.isEmpty()) {
      throw new IllegalArgumentException("Element '" + name + "' cannot have content");
    }
    children.addAll(nodes);
    return this;
  }

  @Override
  public void write(StringBuilder out) {
    out.append('<').append(name).append(attributes);
    if (VOID.contains(name)) {
      out.append("/>");
      return;
    }
    out.append('>');
    children.forEach(child -> child.write(out));
    out.append("</").append(name).append('>');
  }

  private static String checkedName(String name) {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException("Invalid name of an element or attribute: '" + name + "'");
    }
    return name;
  }
}
