package io.cityseg.scenes;

import java.util.ArrayList;
import java.util.List;

/**
 * A truck, a bus or a tram that stands along the street: a box, metres.
 *
 * @param label of its class
 * @param at the middle of the end that faces the camera
 * @param paint its colour as seen from here
 * @param windows whether it has a band of windows; a truck has a door instead
 */
record LargeVehicle(
    String label,
    Upright at,
    double width,
    double height,
    double length,
    int paint,
    boolean windows,
    long seed) {
  private static final int GLASS = 0x2C3842;
  private static final int UNDERSIDE = 0x202124;
  private static final int REAR_LAMP = 0xB01A1E;

  void draw(Sketch sketch) {
    double half = width / 2;
    at.shadow(sketch, half, length);
    sketch.object(label, box(half), Paint.plain(Colours.times(paint, 0.78), 7, seed));
    sketch.detail(at.quad(half, half, 0.5, height), Paint.plain(paint, 7, seed + 1));
    sketch.detail(at.quad(half, half, 0, 0.55), Paint.plain(UNDERSIDE, 8, seed + 2));
    if (windows) {
      drawWindows(sketch, half);
    } else {
      sketch.detail(
          at.quad(0.04, 0.04, 0.6, height - 0.2),
          Paint.plain(Colours.times(paint, 0.5), 4, seed + 3));
    }
    for (int side : new int[] {-1, 1}) {
      sketch.detail(
          at.right(side * half * 0.8).quad(0.14, 0.14, 0.6, 0.85),
          Paint.plain(REAR_LAMP, 6, seed + 4));
    }
  }

  private Outline box(double half) {
    List<Point> corners = new ArrayList<>();
    for (double z : new double[] {at.z(), at.z() + length}) {
      for (int side : new int[] {-1, 1}) {
        corners.add(at.camera().project(at.x() + side * half, 0.1, z));
        corners.add(at.camera().project(at.x() + side * half, height, z));
      }
    }
    return Outline.hull(corners);
  }

  private void drawWindows(Sketch sketch, double half) {
    Camera camera = at.camera();
    Paint glass = Paint.plain(camera.throughAir(GLASS, at.z()), 10, seed + 3);
    double sill = height * 0.46;
    double lintel = height * 0.85;
    sketch.detail(at.quad(half * 0.88, half * 0.88, sill, lintel), glass);
    double x = at.x() + (at.x() > 0 ? -half : half);
    for (double z = at.z() + 0.5; z + 1.3 < at.z() + length; z += 1.7) {
      sketch.detail(
          Outline.of(
              camera.project(x, sill, z),
              camera.project(x, lintel, z),
              camera.project(x, lintel, z + 1.3),
              camera.project(x, sill, z + 1.3)),
          glass);
    }
  }
}
