package io.cityseg.scenes;

import java.util.ArrayList;
import java.util.List;

/**
 * A car that stands along the street, metres.
 *
 * @param at the middle of the end that faces the camera
 * @param half of its width
 * @param paint its colour as seen from here
 * @param lamps colour of the lamps: red at its rear, white in front
 */
record Car(Upright at, double half, double height, double length, int paint, int lamps, long seed) {
  private static final int GLASS = 0x2A323A;
  private static final int RUBBER = 0x17181A;
  private static final int PLATE = 0xDCDCD6;
  private static final double WHEEL = 0.36;

  void draw(Sketch sketch) {
    at.shadow(sketch, half, length);
    List<Point> around = new ArrayList<>(section(height, at.z()));
    around.addAll(section(height * 0.97, at.z() + length * 0.62));
    around.addAll(section(height * 0.62, at.z() + length));
    double top = at.camera().project(at.x(), height, at.z()).y();
    double foot = at.camera().project(at.x(), 0, at.z()).y();
    sketch.object(
        "car",
        Outline.hull(around),
        Paint.vertical(Colours.times(paint, 1.15), Colours.times(paint, 0.7), top, foot, 7, seed));
    drawSide(sketch);
    drawEnd(sketch);
  }

  /** The outline of the cross-section at a distance: wide below, narrow at the roof. */
  private List<Point> section(double roof, double z) {
    Camera camera = at.camera();
    return List.of(
        camera.project(at.x() - half * 0.94, 0.02, z),
        camera.project(at.x() + half * 0.94, 0.02, z),
        camera.project(at.x() + half, roof * 0.5, z),
        camera.project(at.x() + half * 0.72, roof, z),
        camera.project(at.x() - half * 0.72, roof, z),
        camera.project(at.x() - half, roof * 0.5, z));
  }

  private void drawEnd(Sketch sketch) {
    sketch.detail(
        at.quad(half * 0.78, half * 0.66, height * 0.6, height * 0.93),
        Paint.plain(glass(), 10, seed + 1));
    for (int side : new int[] {-1, 1}) {
      sketch.detail(
          at.right(side * half * 0.78).quad(0.14, 0.14, height * 0.42, height * 0.54),
          Paint.plain(lamps, 6, seed + 2));
      sketch.detail(
          at.right(side * half * 0.8).quad(0.14, 0.14, 0, WHEEL), Paint.plain(RUBBER, 8, seed + 3));
    }
    sketch.detail(
        at.quad(0.26, 0.26, height * 0.3, height * 0.38), Paint.plain(PLATE, 6, seed + 4));
  }

  /** The side that is seen: the one towards the middle of the street. */
  private void drawSide(Sketch sketch) {
    Camera camera = at.camera();
    int side = at.x() > 0 ? -1 : 1;
    double low = at.x() + side * half * 0.96;
    double high = at.x() + side * half * 0.78;
    double near = at.z() + length * 0.12;
    double far = at.z() + length * 0.6;
    sketch.detail(
        Outline.of(
            camera.project(low, height * 0.6, near),
            camera.project(high, height * 0.92, near + 0.3),
            camera.project(high, height * 0.92, far - 0.3),
            camera.project(low, height * 0.6, far)),
        Paint.plain(glass(), 10, seed + 5));
    for (double share : new double[] {0.16, 0.8}) {
      double z = at.z() + length * share;
      sketch.detail(
          Outline.of(
              camera.project(low, 0, z - WHEEL),
              camera.project(low, WHEEL * 1.8, z - WHEEL),
              camera.project(low, WHEEL * 1.8, z + WHEEL),
              camera.project(low, 0, z + WHEEL)),
          Paint.plain(RUBBER, 8, seed + 6));
    }
  }

  private int glass() {
    return at.camera().throughAir(GLASS, at.z());
  }
}
