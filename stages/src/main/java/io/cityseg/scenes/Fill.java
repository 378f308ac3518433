package io.cityseg.scenes;

import java.util.Arrays;
import java.util.List;

/**
 * Fills the polygons that only the picture has: details, shadows, and what a nearer object hides.
 * An annotated object's own pixels come from {@link ObjectMap}.
 */
final class Fill {
  private Fill() {}

  /** Takes the pixels of a row from a column to a column, both included and in the picture. */
  interface Spans {
    void span(int y, int from, int to);
  }

  /** Tells the spans of a polygon by the even-odd rule, to the nearest pixels. */
  static void spans(List<Pixel> corners, int height, int width, Spans sink) {
    int top = corners.stream().mapToInt(Pixel::y).min().orElse(0);
    int bottom = corners.stream().mapToInt(Pixel::y).max().orElse(-1);
    double[] xs = new double[corners.size()];
    for (int y = Math.max(0, top); y <= Math.min(height - 1, bottom); y++) {
      int n = 0;
      for (int i = 0; i < corners.size(); i++) {
        Pixel a = corners.get(i);
        Pixel b = corners.get((i + 1) % corners.size());
        if (a.y() <= y != b.y() <= y) {
          xs[n++] = a.x() + (double) (y - a.y()) / (b.y() - a.y()) * (b.x() - a.x());
        }
      }
      Arrays.sort(xs, 0, n);
      for (int i = 0; i + 1 < n; i += 2) {
        int from = (int) Math.max(0, Math.round(xs[i]));
        int to = (int) Math.min(width - 1, Math.round(xs[i + 1]));
        if (from <= to) {
          sink.span(y, from, to);
        }
      }
    }
  }
}
