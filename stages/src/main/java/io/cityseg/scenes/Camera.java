package io.cityseg.scenes;

/**
 * A pinhole camera that looks along the street. The world is in metres: x to the right of the
 * camera, y up from the ground, z away from it.
 *
 * @param height of the picture, pixels
 * @param width of the picture, pixels
 * @param horizon row of the horizon
 * @param vanishing column of the point at which the street vanishes
 * @param focal focal length, pixels
 * @param eye height above the ground, metres
 * @param haze colour that far things fade to
 */
record Camera(
    int height, int width, double horizon, double vanishing, double focal, double eye, int haze) {
  /** Nothing is nearer than this, metres: what would be is cut off here. */
  static final double NEAR = 2.6;

  private static final double HAZE_METRES = 160;

  /** Where a point of the world is in the picture. */
  Point project(double x, double y, double z) {
    double depth = Math.max(NEAR, z);
    return new Point(vanishing + focal * x / depth, horizon + focal * (eye - y) / depth);
  }

  /** Pixels of a metre at a distance. */
  double scale(double z) {
    return focal / Math.max(NEAR, z);
  }

  /** How far the ground is that is seen in a row, metres; rows above the horizon count as far. */
  double groundDepth(double row) {
    return focal * eye / Math.max(0.5, row - horizon);
  }

  /** A colour as it looks through the air from a distance. */
  int throughAir(int colour, double z) {
    return Colours.mix(colour, haze, Math.min(0.75, z / HAZE_METRES));
  }
}
