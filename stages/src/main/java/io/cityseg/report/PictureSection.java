package io.cityseg.report;

import static io.cityseg.report.Element.element;

import io.cityseg.proto.ClassMetrics;
import java.util.Base64;
import java.util.List;

/**
 * Images beside their ground truth and the predictions.
 *
 * @param scenes one row of pictures each
 * @param classes for the legend
 */
record PictureSection(List<Scene> scenes, List<ClassMetrics> classes) {
  /**
   * One image and what was made of it.
   *
   * @param id the image's id
   * @param panels the pictures, in the order in which they are shown
   */
  record Scene(String id, List<Panel> panels) {
    Scene {
      panels = List.copyOf(panels);
    }
  }

  /**
   * One picture.
   *
   * @param caption what it is, in a few words
   * @param description what is on it, for who cannot see it
   * @param png its file, as base 64
   * @param width pixels
   * @param height pixels
   * @param drawn true for pictures of flat colours, whose edges stay sharp when they are enlarged
   */
  record Panel(
      String caption, String description, String png, int width, int height, boolean drawn) {
    static Panel of(
        String caption, String description, byte[] png, int width, int height, boolean drawn) {
      return new Panel(
          caption, description, Base64.getEncoder().encodeToString(png), width, height, drawn);
    }
  }

  PictureSection {
    scenes = List.copyOf(scenes);
    classes = List.copyOf(classes);
  }

  Section section() {
    Element legend =
        element("ul", "legend")
            .attribute("aria-label", "Colours of the classes")
            .add(
                classes.stream()
                    .map(c -> element("li").add(ClassPalette.named(c.getClassIndex(), c.getName())))
                    .toList());
    Element rows = element("div").add(scenes.stream().map(PictureSection::row).toList());
    return new Section("pictures", "Predictions", List.of(legend, rows));
  }

  private static Element row(Scene scene) {
    return element("div", "scene")
        .add(element("h3").add(element("code").text(scene.id())))
        .add(
            element("div", "panels")
                .add(scene.panels().stream().map(PictureSection::figure).toList()));
  }

  private static Element figure(Panel panel) {
    Element picture =
        element("img", panel.drawn() ? "drawn" : "photo")
            .attribute("src", "data:image/png;base64," + panel.png())
            .attribute("alt", panel.description())
            .attribute("width", Integer.toString(panel.width()))
            .attribute("height", Integer.toString(panel.height()));
    return element("figure").add(picture, element("figcaption").text(panel.caption()));
  }
}
