package io.cityseg.scenes;

import java.util.ArrayList;
import java.util.List;

/**
 * Collects a scene's strokes. Outlines are cut off at the picture's border, as annotators do, and
 * brought to whole pixels; an object of which nothing is left is dropped together with its details.
 * For one thread.
 */
final class Sketch {
  private final int height;
  private final int width;
  private final List<Stroke> strokes = new ArrayList<>();
  private boolean lastDropped;

  Sketch(int height, int width) {
    this.height = height;
    this.width = width;
  }

  /** Adds an object in front of all that is there. */
  void object(String label, Outline outline, Paint paint) {
    List<Pixel> polygon = cut(outline);
    lastDropped = polygon.isEmpty();
    if (!lastDropped) {
      strokes.add(new Stroke.Annotated(label, polygon, paint));
    }
  }

  /** Adds a part of the object added last. */
  void detail(Outline outline, Paint paint) {
    List<Pixel> polygon = lastDropped ? List.of() : cut(outline);
    if (!polygon.isEmpty()) {
      strokes.add(new Stroke.Detail(polygon, paint));
    }
  }

  /** Adds a shadow or a marking. */
  void overlay(Outline outline, Paint paint) {
    List<Pixel> polygon = cut(outline);
    if (!polygon.isEmpty()) {
      strokes.add(new Stroke.Overlay(polygon, paint));
    }
  }

  /** What was added, back to front. */
  List<Stroke> strokes() {
    return List.copyOf(strokes);
  }

  /** The outline within the picture in whole pixels; empty when fewer than three corners remain. */
  private List<Pixel> cut(Outline outline) {
    List<Point> points = outline.points();
    points = cut(points, 1, 0, 0);
    points = cut(points, -1, 0, width - 1);
    points = cut(points, 0, 1, 0);
    points = cut(points, 0, -1, height - 1);
    List<Pixel> polygon = new ArrayList<>();
    for (Point point : points) {
      Pixel pixel = new Pixel((int) Math.round(point.x()), (int) Math.round(point.y()));
      if (polygon.isEmpty() || !polygon.get(polygon.size() - 1).equals(pixel)) {
        polygon.add(pixel);
      }
    }
    if (polygon.size() > 1 && polygon.get(0).equals(polygon.get(polygon.size() - 1))) {
      polygon.remove(polygon.size() - 1);
    }
    return polygon.size() < 3 ? List.of() : polygon;
  }

  /** The part where {@code a * x + b * y + c >= 0} (Sutherland and Hodgman's algorithm). */
  private static List<Point> cut(List<Point> points, int a, int b, double c) {
    List<Point> kept = new ArrayList<>();
    for (int i = 0; i < points.size(); i++) {
      Point from = points.get(i);
      Point to = points.get((i + 1) % points.size());
      double inFrom = a * from.x() + b * from.y() + c;
      double inTo = a * to.x() + b * to.y() + c;
      if (inFrom >= 0) {
        kept.add(from);
      }
      if (inFrom >= 0 != inTo >= 0) {
        double share = inFrom / (inFrom - inTo);
        kept.add(
            new Point(
                from.x() + share * (to.x() - from.x()), from.y() + share * (to.y() - from.y())));
      }
    }
    return kept;
  }
}
