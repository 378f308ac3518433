package io.cityseg.report;

import static io.cityseg.report.Element.element;

import io.cityseg.evaluate.PaperMeasure;
import io.cityseg.image.GreyImage;
import io.cityseg.image.ImageCodec;
import io.cityseg.image.Resize;
import io.cityseg.image.RgbImage;
import io.cityseg.labels.CityscapesLabels;
import io.cityseg.proto.ImageMetrics;
import java.util.Base64;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Images beside their ground truth and the predictions, as PNGs within the page.
 *
 * @param scenes one row of pictures each
 * @param paper whether the predictions are of the measure paper, and single images have its mIoU
 */
record PictureSection(List<Scene> scenes, boolean paper) {
  /** Wider pictures are made smaller, pixels. */
  private static final int MAX_WIDTH = 512;

  PictureSection {
    scenes = List.copyOf(scenes);
  }

  Section section() {
    Element legend =
        element("ul", "legend")
            .attribute("aria-label", "Colours of the classes")
            .add(
                IntStream.range(0, CityscapesLabels.CLASSES)
                    .mapToObj(
                        c ->
                            element("li").add(ClassPalette.named(c, CityscapesLabels.className(c))))
                    .toList());
    Element rows = element("div").add(scenes.stream().map(PictureSection::row).toList());
    return new Section(
        "pictures",
        "Predictions",
        List.of(
            Section.note(
                paper
                    ? "mIoU is that of the single image (measure: " + PaperMeasure.NAME + ")."
                    : "Predicted at full resolution, and shown at the training size."),
            legend,
            rows));
  }

  private static Element row(Scene scene) {
    Element panels = element("div", "panels");
    panels.add(
        figure("image", "photo", smaller(scene.image()), "The image " + scene.id()),
        drawn("ground truth", "Ground truth of " + scene.id(), scene.truth()));
    for (Scene.Predicted predicted : scene.predictions()) {
      String subject = predicted.evaluated().subject();
      panels.add(
          drawn(
              subject + measure(predicted.evaluated(), scene.id()),
              "Prediction of " + subject + " for " + scene.id(),
              predicted.classes()));
    }
    return element("div", "scene").add(element("h3").add(element("code").text(scene.id())), panels);
  }

  private static String measure(Evaluated evaluated, String id) {
    ImageMetrics metrics = evaluated.imagesById().get(id);
    return metrics == null ? "" : ": mIoU " + Numbers.percent(metrics.getMeanIou());
  }

  private static Element drawn(String caption, String description, GreyImage classes) {
    RgbImage picture = new ClassPicture(smaller(classes)).coloured();
    return figure(
        caption, "drawn", picture, description + ": " + new ClassPicture(classes).inWords());
  }

  private static Element figure(
      String caption, String cssClass, RgbImage picture, String description) {
    String png = Base64.getEncoder().encodeToString(ImageCodec.encodePng(picture));
    Element image =
        element("img", cssClass)
            .attribute("src", "data:image/png;base64," + png)
            .attribute("alt", description)
            .attribute("width", Integer.toString(picture.width()))
            .attribute("height", Integer.toString(picture.height()));
    return element("figure").add(image, element("figcaption").text(caption));
  }

  private static RgbImage smaller(RgbImage image) {
    return image.width() <= MAX_WIDTH
        ? image
        : Resize.bilinear(image, smallerHeight(image.height(), image.width()), MAX_WIDTH);
  }

  private static GreyImage smaller(GreyImage image) {
    return image.width() <= MAX_WIDTH
        ? image
        : Resize.nearest(image, smallerHeight(image.height(), image.width()), MAX_WIDTH);
  }

  private static int smallerHeight(int height, int width) {
    return Math.max(1, Math.round((float) height * MAX_WIDTH / width));
  }
}
