package io.cityseg.report;

import static io.cityseg.report.Element.element;

import io.cityseg.labels.CityscapesLabels;

/** How classes are shown: in the data set's colours, and always with their names. */
final class ClassPalette {
  private ClassPalette() {}

  /** The colour of a class 0..19, 0xRRGGBB. */
  static int colour(int classIndex) {
    return CityscapesLabels.classColor(classIndex);
  }

  /** A class's name behind a patch of its colour. */
  static Element named(int classIndex, String name) {
    Element patch =
        element("span", "swatch")
            .attribute("style", "background-color:#%06x".formatted(colour(classIndex)))
            .attribute("aria-hidden", "true");
    return element("span", "class-name").add(patch).text(name);
  }
}
