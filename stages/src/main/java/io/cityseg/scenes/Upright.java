package io.cityseg.scenes;

/**
 * Shapes around a place on the ground, in metres.
 *
 * @param x of the place
 * @param z of the place
 */
record Upright(Camera camera, double x, double z) {
  /** A quadrangle facing the camera, its two widths given by their halves. */
  Outline quad(double halfLow, double halfHigh, double low, double high) {
    return Outline.of(
        camera.project(x - halfLow, low, z),
        camera.project(x - halfHigh, high, z),
        camera.project(x + halfHigh, high, z),
        camera.project(x + halfLow, low, z));
  }

  /** The same a little to the right. */
  Upright right(double metres) {
    return new Upright(camera, x + metres, z);
  }

  /** Darkens the ground beneath something that stands here and reaches {@code length} away. */
  void shadow(Sketch sketch, double half, double length) {
    sketch.overlay(
        Outline.of(
            camera.project(x - half * 1.25, 0, z - 0.25),
            camera.project(x - half * 1.2, 0, z + length),
            camera.project(x + half * 1.2, 0, z + length),
            camera.project(x + half * 1.25, 0, z - 0.25)),
        Paint.shadow(0.55));
  }
}
