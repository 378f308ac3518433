package io.cityseg.report;

import static io.cityseg.report.Element.element;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The page: one file without scripts, which asks the network for nothing. It is valid HTML 5 and
 * well-formed XML.
 *
 * @param inputs what it says
 * @param scenes the pictures; none where no prediction was kept
 */
record ReportPage(ReportInputs inputs, List<Scene> scenes) {
  private static final String STYLE_SHEET = "report.css";

  ReportPage {
    scenes = List.copyOf(scenes);
  }

  /** The file's bytes, UTF-8. */
  byte[] html() {
    StringBuilder out = new StringBuilder("<!DOCTYPE html>\n");
    element("html")
        .attribute("lang", "en")
        .attribute("xmlns", "http://www.w3.org/1999/xhtml")
        .add(head(), body())
        .write(out);
    return out.append('\n').toString().getBytes(StandardCharsets.UTF_8);
  }

  private Element head() {
    return element("head")
        .add(
            element("meta").attribute("charset", "utf-8"),
            element("meta")
                .attribute("name", "viewport")
                .attribute("content", "width=device-width, initial-scale=1"),
            element("meta").attribute("name", "color-scheme").attribute("content", "light dark"),
            // Whatever a title or an id holds: the browser loads and runs nothing.
            element("meta")
                .attribute("http-equiv", "Content-Security-Policy")
                .attribute(
                    "content", "default-src 'none'; style-src 'unsafe-inline'; img-src data:"),
            element("title").text(inputs.title()),
            element("style").text(styleSheet()));
  }

  private Element body() {
    List<Section> sections = sections();
    Element contents = element("ul");
    sections.forEach(section -> contents.add(element("li").add(section.link())));
    return element("body")
        .add(
            header(),
            element("nav").attribute("aria-label", "Contents").add(contents),
            element("main").add(sections.stream().map(Section::markup).toList()));
  }

  private Element header() {
    Verdict verdict = inputs.verdict();
    return element("header")
        .add(
            element("h1").text(inputs.title()),
            element("p", verdict.isImprovement() ? "verdict better" : "verdict plain")
                .text(verdict.sentence()))
        .add(otherMeasures())
        .add(others());
  }

  /** What the measures say by which the page does not compare. */
  private List<Element> otherMeasures() {
    return inputs.measures().stream()
        .skip(1)
        .map(measure -> new Verdict(inputs.comparison().by(measure), inputs.val()).sentence())
        .map(sentence -> element("p", "note").text(sentence))
        .toList();
  }

  private Element others() {
    Comparison comparison = inputs.comparison();
    List<String> others =
        comparison.checkpoints().stream()
            .filter(checkpoint -> !comparison.isBest(checkpoint))
            .map(this::inShort)
            .toList();
    Element line = element("p", "note");
    return others.isEmpty()
        ? line.text("Measured on " + Numbers.count(inputs.val().getItems(), "image") + ".")
        : line.text(
            "Measured on %s. The other checkpoints (%s mIoU): %s."
                .formatted(
                    Numbers.count(inputs.val().getItems(), "image"),
                    inputs.comparison().measure().text(),
                    String.join(", ", others)));
  }

  private String inShort(Evaluated evaluated) {
    return evaluated.subject()
        + " "
        + (inputs.comparison().meanIou(evaluated).isPresent()
            ? Numbers.percent(inputs.comparison().meanIou(evaluated).getAsDouble())
            : "absent");
  }

  private List<Section> sections() {
    List<Section> sections = new ArrayList<>();
    boolean paper = inputs.measures().contains(Measure.PAPER);
    if (paper) {
      sections.add(new ComparisonSection(inputs).section());
      sections.add(new ClassSection(inputs).section());
    }
    if (inputs.measures().contains(Measure.CITYSCAPES)) {
      sections.add(new CityscapesSection(inputs).section());
    }
    if (inputs.history().getEpochsCount() > 0) {
      sections.add(new TrainingSection(inputs.history().getEpochsList()).section());
    }
    if (!scenes.isEmpty()) {
      sections.add(new PictureSection(scenes, paper).section());
    }
    if (paper) {
      sections.add(new ImageSection(inputs).section());
      sections.add(new ConfusionSection(inputs.comparison().shown()).section());
    }
    sections.add(new ProvenanceSection(inputs).section());
    return sections;
  }

  /**
   * The style sheet. A browser does not decode entities in it, so it must have no character that
   * needs one.
   */
  private static String styleSheet() {
    try (InputStream in = ReportPage.class.getResourceAsStream(STYLE_SHEET)) {
      if (in == null) {
        throw new IllegalStateException(
            "The style sheet " + STYLE_SHEET + " is not on the class path beside ReportPage");
      }
      String css = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      if (css.chars().anyMatch(c -> "<>&\"'".indexOf(c) >= 0)) {
        throw new IllegalStateException(
            "The style sheet "
                + STYLE_SHEET
                + " has one of < > & \" ', which HTML does not decode");
      }
      return css;
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read the style sheet " + STYLE_SHEET, e);
    }
  }
}
