package io.cityseg.scenes;

/**
 * The street seen from above, metres. x = 0 is under the camera; each side has a sidewalk, a verge
 * and then what bounds the street.
 *
 * @param roadLeft x of the road's left border, negative
 * @param roadRight x of the road's right border
 * @param walkLeft width of the left sidewalk
 * @param walkRight width of the right sidewalk
 * @param vergeLeft width of the strip of grass behind the left sidewalk
 * @param vergeRight width of the strip of grass behind the right sidewalk
 * @param end where the street ends
 */
record StreetPlan(
    double roadLeft,
    double roadRight,
    double walkLeft,
    double walkRight,
    double vergeLeft,
    double vergeRight,
    double end) {

  static StreetPlan draw(SceneRandom random) {
    return new StreetPlan(
        -random.between(2.8, 5.4),
        random.between(2.5, 4.4),
        random.between(2.0, 3.8),
        random.between(2.0, 3.8),
        random.chance(0.85) ? random.between(1.8, 6.5) : 0,
        random.chance(0.85) ? random.between(1.8, 6.5) : 0,
        random.between(70, 120));
  }

  /** The border of the road on a side: -1 left, 1 right. */
  double road(int side) {
    return side < 0 ? roadLeft : roadRight;
  }

  /** The border between sidewalk and verge. */
  double walk(int side) {
    return side < 0 ? roadLeft - walkLeft : roadRight + walkRight;
  }

  /** Where houses, walls and hedges stand. */
  double facade(int side) {
    return side < 0 ? walk(side) - vergeLeft : walk(side) + vergeRight;
  }
}
