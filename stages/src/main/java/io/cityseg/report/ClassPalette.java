package io.cityseg.report;

import static io.cityseg.report.Element.element;

import java.util.List;

/** The classes' colours: those of the data set, and black for void. */
final class ClassPalette {
  /** 0xRRGGBB by class; source: cityscapesScripts, helpers/labels.py, by trainId. */
  private static final List<Integer> COLOURS =
      List.of(
          0x804080, 0xF423E8, 0x464646, 0x66669C, 0xBE9999, 0x999999, 0xFAAA1E, 0xDCDC00, 0x6B8E23,
          0x98FB98, 0x4682B4, 0xDC143C, 0xFF0000, 0x00008E, 0x000046, 0x003C64, 0x005064, 0x0000E6,
          0x770B20, 0x000000);

  private ClassPalette() {}

  /** The colour of a class 0..19, 0xRRGGBB. */
  static int colour(int classIndex) {
    return COLOURS.get(classIndex);
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
