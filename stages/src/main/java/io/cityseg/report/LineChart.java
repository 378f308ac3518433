package io.cityseg.report;

import static io.cityseg.report.Element.element;

import java.util.ArrayList;
import java.util.List;

/**
 * Curves over epochs as an SVG picture. Each curve has a colour, a dash pattern and a marker of its
 * own, so that it can be told from the others without colours.
 *
 * @param title what is shown; becomes the picture's accessible name
 * @param unit of the values: "% mIoU"
 * @param epochs the curves' common x values, ascending; at least one
 * @param curves at least one
 */
record LineChart(String title, String unit, List<Integer> epochs, List<Curve> curves) {
  private static final double WIDTH = 460;
  private static final double HEIGHT = 300;
  private static final double LEFT = 50;
  private static final double RIGHT = 14;
  private static final double TOP = 52;
  private static final double BOTTOM = 44;
  private static final double MARKER = 3.5;
  private static final int MAX_EPOCH_TICKS = 8;

  /**
   * One curve.
   *
   * @param name for the legend
   * @param cssClass "first" or "second" of the style sheet
   * @param values one for each epoch, not negative; those that are not finite are not drawn
   */
  record Curve(String name, String cssClass, List<Double> values) {
    Curve {
      values = List.copyOf(values);
    }
  }

  LineChart {
    epochs = List.copyOf(epochs);
    curves = List.copyOf(curves);
    int points = epochs.size();
    if (points == 0 || curves.stream().anyMatch(c -> c.values().size() != points)) {
      throw new IllegalArgumentException(
          "Invalid chart '" + title + "': every curve needs a value for each epoch, one at least");
    }
  }

  /** The picture. */
  Element svg() {
    Scale scale = scale();
    Element svg =
        element("svg", "chart")
            .attribute("viewBox", "0 0 %s %s".formatted(n(WIDTH), n(HEIGHT)))
            .attribute("role", "img")
            .attribute("aria-label", title)
            .add(element("title").text(title));
    svg.add(valueAxis(scale)).add(epochAxis());
    for (int i = 0; i < curves.size(); i++) {
      svg.add(curve(curves.get(i), scale), legend(curves.get(i), i));
    }
    return svg;
  }

  private Scale scale() {
    return Scale.covering(
        curves.stream()
            .flatMap(c -> c.values().stream())
            .mapToDouble(v -> v)
            .filter(Double::isFinite)
            .max()
            .orElse(0));
  }

  private List<Element> valueAxis(Scale scale) {
    List<Element> parts = new ArrayList<>();
    parts.add(label(0, 14, "unit").text(unit));
    for (double tick : scale.ticks()) {
      double y = y(tick, scale);
      parts.add(line(tick == 0 ? "axis" : "grid", LEFT, y, WIDTH - RIGHT, y));
      parts.add(label(LEFT - 8, y + 4, "end").text(scale.label(tick)));
    }
    return parts;
  }

  private List<Element> epochAxis() {
    List<Element> parts = new ArrayList<>();
    int every = (epochs.size() + MAX_EPOCH_TICKS - 1) / MAX_EPOCH_TICKS;
    double bottom = HEIGHT - BOTTOM;
    for (int i = every - 1; i < epochs.size(); i += every) {
      parts.add(line("axis", x(i), bottom, x(i), bottom + 5));
      parts.add(label(x(i), bottom + 20, "middle").text(Integer.toString(epochs.get(i))));
    }
    parts.add(label((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 6, "middle").text("epoch"));
    return parts;
  }

  /** The line is broken where a value is not finite: a loss that diverged. */
  private Element curve(Curve curve, Scale scale) {
    Element group = element("g", curve.cssClass());
    List<Element> markers = new ArrayList<>();
    List<String> stretch = new ArrayList<>();
    for (int i = 0; i < epochs.size(); i++) {
      double value = curve.values().get(i);
      if (!Double.isFinite(value)) {
        group.add(polyline(stretch));
        stretch.clear();
        continue;
      }
      double y = y(value, scale);
      stretch.add(n(x(i)) + "," + n(y));
      String words =
          "%s, epoch %d: %s".formatted(curve.name(), epochs.get(i), Numbers.fixed(value, 3));
      markers.add(marker(curve, x(i), y).add(element("title").text(words)));
    }
    return group.add(polyline(stretch)).add(markers);
  }

  private static Element polyline(List<String> points) {
    return element("polyline").attribute("points", String.join(" ", points));
  }

  private static Element legend(Curve curve, int place) {
    double x = LEFT + place * 150;
    double y = 30;
    return element("g", curve.cssClass())
        .add(line("sample", x, y, x + 30, y), marker(curve, x + 15, y))
        .add(label(x + 38, y + 4, "start").text(curve.name()));
  }

  private static Element marker(Curve curve, double x, double y) {
    return curve.cssClass().equals("first")
        ? element("circle").attribute("cx", n(x)).attribute("cy", n(y)).attribute("r", n(MARKER))
        : element("rect")
            .attribute("x", n(x - MARKER))
            .attribute("y", n(y - MARKER))
            .attribute("width", n(2 * MARKER))
            .attribute("height", n(2 * MARKER));
  }

  private static Element line(String cssClass, double x1, double y1, double x2, double y2) {
    return element("line", cssClass)
        .attribute("x1", n(x1))
        .attribute("y1", n(y1))
        .attribute("x2", n(x2))
        .attribute("y2", n(y2));
  }

  private static Element label(double x, double y, String cssClass) {
    return element("text", cssClass).attribute("x", n(x)).attribute("y", n(y));
  }

  /** Epochs are evenly spaced; a single one is in the middle. */
  private double x(int index) {
    double width = WIDTH - LEFT - RIGHT;
    return epochs.size() == 1
        ? LEFT + width / 2
        : LEFT + 10 + (width - 20) * index / (epochs.size() - 1);
  }

  private static double y(double value, Scale scale) {
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / scale.top();
  }

  private static String n(double value) {
    return Numbers.coordinate(value);
  }

  /**
   * The value axis: from 0 to a round number at or above the highest value.
   *
   * @param step distance of the ticks: 1, 2 or 5 times a power of ten
   * @param steps number of steps from 0 to the top
   */
  record Scale(double step, int steps) {
    private static final int MAX_STEPS = 5;

    /** The finest axis of at most five steps that reaches a value. */
    static Scale covering(double highest) {
      if (!(highest > 0) || Double.isInfinite(highest)) {
        return new Scale(1, 1);
      }
      double power = Math.pow(10, Math.floor(Math.log10(highest)) - 1);
      for (double factor : new double[] {1, 2, 5, 10, 20, 50}) {
        double step = factor * power;
        int steps = (int) Math.ceil(highest / step - 1e-9);
        if (steps <= MAX_STEPS) {
          return new Scale(step, steps);
        }
      }
      throw new IllegalStateException("No axis covers " + highest);
    }

    double top() {
      return step * steps;
    }

    double[] ticks() {
      double[] ticks = new double[steps + 1];
      for (int i = 0; i <= steps; i++) {
        ticks[i] = i * step;
      }
      return ticks;
    }

    String label(double tick) {
      int digits = (int) Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
      return Numbers.fixed(tick, digits);
    }
  }
}
