package io.cityseg.scenes;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * A closed polygon of the picture.
 *
 * @param points three or more, without the first one again at the end
 */
record Outline(List<Point> points) {
  Outline {
    points = List.copyOf(points);
    if (points.size() < 3) {
      throw new IllegalArgumentException("Invalid outline: " + points + " (must have 3 points)");
    }
  }

  static Outline of(Point... points) {
    return new Outline(List.of(points));
  }

  /** The upright rectangle between two corners. */
  static Outline rectangle(double left, double top, double right, double bottom) {
    return of(
        new Point(left, top),
        new Point(right, top),
        new Point(right, bottom),
        new Point(left, bottom));
  }

  /** An ellipse of {@code corners} points, the first one on the right. */
  static Outline ellipse(Point middle, double radiusX, double radiusY, int corners) {
    List<Point> points = new ArrayList<>();
    for (int i = 0; i < corners; i++) {
      double angle = 2 * Math.PI * i / corners;
      points.add(
          new Point(
              middle.x() + radiusX * StrictMath.cos(angle),
              middle.y() + radiusY * StrictMath.sin(angle)));
    }
    return new Outline(points);
  }

  /** An ellipse whose radius wavers by up to {@code waver} of itself: the crown of a tree. */
  static Outline blob(
      Point middle, double radiusX, double radiusY, double waver, SceneRandom random) {
    int corners = 18;
    List<Point> points = new ArrayList<>();
    for (int i = 0; i < corners; i++) {
      double angle = 2 * Math.PI * i / corners;
      double share = 1 + random.between(-waver, waver);
      points.add(
          new Point(
              middle.x() + share * radiusX * StrictMath.cos(angle),
              middle.y() + share * radiusY * StrictMath.sin(angle)));
    }
    return new Outline(points);
  }

  /** The smallest convex polygon around some points (Andrew's monotone chain). */
  static Outline hull(List<Point> around) {
    List<Point> sorted = new ArrayList<>(around);
    sorted.sort(Comparator.comparingDouble(Point::x).thenComparingDouble(Point::y));
    List<Point> hull = new ArrayList<>(chain(sorted));
    List<Point> reversed = new ArrayList<>();
    for (int i = sorted.size() - 1; i >= 0; i--) {
      reversed.add(sorted.get(i));
    }
    hull.addAll(chain(reversed));
    return new Outline(hull);
  }

  private static List<Point> chain(List<Point> sorted) {
    List<Point> chain = new ArrayList<>();
    for (Point next : sorted) {
      while (chain.size() >= 2
          && turn(chain.get(chain.size() - 2), chain.get(chain.size() - 1), next) <= 0) {
        chain.remove(chain.size() - 1);
      }
      chain.add(next);
    }
    return chain.subList(0, chain.size() - 1);
  }

  private static double turn(Point a, Point b, Point c) {
    return (b.x() - a.x()) * (c.y() - a.y()) - (b.y() - a.y()) * (c.x() - a.x());
  }
}
