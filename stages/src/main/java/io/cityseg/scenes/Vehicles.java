package io.cityseg.scenes;

import java.util.ArrayList;
import java.util.List;

/** Cars at the kerb and in the lanes; now and then a truck, a bus or a tram. */
final class Vehicles {
  private static final List<Integer> CAR_PAINTS =
      List.of(0xB8BCC0, 0x26282C, 0xE6E8EA, 0x8E1F24, 0x23427E, 0x5A6068, 0x2F5B45, 0xC0A33A);
  private static final List<Integer> TRUCK_PAINTS = List.of(0xE4E2DA, 0xC9702B, 0x3A6E8F, 0x6F8F4A);
  private static final List<Integer> BUS_PAINTS = List.of(0xD8B21E, 0xB3222A, 0xE9E4D4);
  private static final List<Integer> TRAM_PAINTS = List.of(0xC8382C, 0x2C7A4B, 0xD9C98E);

  private final Camera camera;
  private final StreetPlan plan;
  private final SceneRandom random;
  private final List<Thing> things = new ArrayList<>();

  Vehicles(Camera camera, StreetPlan plan, SceneRandom random) {
    this.camera = camera;
    this.plan = plan;
    this.random = random;
  }

  List<Thing> things() {
    for (int side : new int[] {-1, 1}) {
      double occupied = random.chance(0.3) ? 0 : random.between(0.15, 0.7);
      double x = plan.road(side) - side * 1.05;
      for (double z = random.between(7.5, 13); z < 50; z += random.between(5.5, 7.5)) {
        if (random.chance(occupied)) {
          things.add(car(x + random.between(-0.15, 0.15), z));
        }
      }
    }
    double lane = plan.roadLeft() * 0.35;
    int moving = 1 + random.below(2);
    for (int i = 0; i < moving; i++) {
      things.add(car(lane, random.between(10, 22) + 18 * i));
    }
    if (random.chance(0.35)) {
      things.add(car(plan.roadRight() * 0.3, random.between(14, 34)));
    }
    large("truck", 0.3, new Body(2.4, 3.3, 7, 0), TRUCK_PAINTS);
    large("bus", 0.28, new Body(2.5, 3.1, 11, 0.75), BUS_PAINTS);
    large("train", 0.2, new Body(2.4, 3.5, 22, 0.7), TRAM_PAINTS);
    return List.copyOf(things);
  }

  /**
   * The measures of a vehicle.
   *
   * @param glass height of the band of windows' lower edge as a share of the height; 0 for no band
   */
  private record Body(double width, double height, double length, double glass) {}

  private void large(String label, double probability, Body body, List<Integer> paints) {
    if (random.chance(probability)) {
      double x = random.chance(0.5) ? plan.roadLeft() * 0.5 : plan.roadRight() * 0.45;
      things.add(box(label, body, x, random.between(12, 30), random.pick(paints)));
    }
  }

  private Thing car(double x, double z) {
    int paint = camera.throughAir(Colours.jitter(random.pick(CAR_PAINTS), 16, random), z);
    double width = random.between(1.68, 1.9);
    double height = random.between(1.4, 1.75);
    double length = random.between(3.7, 4.6);
    boolean rear = random.chance(0.6);
    long seed = random.next();
    return new Thing(
        z, sketch -> drawCar(sketch, new Spot(x, z), width, height, length, paint, rear, seed));
  }

  private record Spot(double x, double z) {}

  private void drawCar(
      Sketch sketch,
      Spot at,
      double width,
      double height,
      double length,
      int paint,
      boolean rear,
      long seed) {
    double half = width / 2;
    shadow(sketch, at.x(), at.z(), half, length);
    List<Point> around = new ArrayList<>(section(at, half, height, at.z()));
    List<Point> cabin = section(at, half, height * 0.97, at.z() + length * 0.62);
    around.addAll(cabin);
    around.addAll(section(at, half, height * 0.62, at.z() + length));
    Point top = camera.project(at.x(), height, at.z());
    Point foot = camera.project(at.x(), 0, at.z());
    sketch.object(
        "car",
        Outline.hull(around),
        Paint.vertical(
            Colours.times(paint, 1.15), Colours.times(paint, 0.7), top.y(), foot.y(), 7, seed));
    int glass = camera.throughAir(0x2A323A, at.z());
    sideWindow(sketch, at, half, height, length, glass, seed);
    sketch.detail(
        quad(at, half * 0.78, half * 0.66, height * 0.6, height * 0.93),
        Paint.plain(glass, 10, seed + 1));
    int lamp = rear ? 0xB01A1E : 0xF4F0D8;
    for (int side : new int[] {-1, 1}) {
      Spot corner = new Spot(at.x() + side * half * 0.78, at.z());
      sketch.detail(
          quad(corner, 0.14, 0.14, height * 0.42, height * 0.54), Paint.plain(lamp, 6, seed + 2));
      Spot wheel = new Spot(at.x() + side * half * 0.8, at.z());
      sketch.detail(quad(wheel, 0.14, 0.14, 0, 0.36), Paint.plain(0x17181A, 8, seed + 3));
    }
    sketch.detail(
        quad(at, 0.26, 0.26, height * 0.3, height * 0.38), Paint.plain(0xDCDCD6, 6, seed + 4));
  }

  /** The outline of a car's cross-section at a distance: wide below, narrow at the roof. */
  private List<Point> section(Spot at, double half, double height, double z) {
    return List.of(
        camera.project(at.x() - half * 0.94, 0.02, z),
        camera.project(at.x() + half * 0.94, 0.02, z),
        camera.project(at.x() + half, height * 0.5, z),
        camera.project(at.x() + half * 0.72, height, z),
        camera.project(at.x() - half * 0.72, height, z),
        camera.project(at.x() - half, height * 0.5, z));
  }

  private void sideWindow(
      Sketch sketch, Spot at, double half, double height, double length, int glass, long seed) {
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
        Paint.plain(glass, 10, seed + 5));
    double wheel = 0.36;
    for (double share : new double[] {0.16, 0.8}) {
      double z = at.z() + length * share;
      sketch.detail(
          Outline.of(
              camera.project(low, 0, z - wheel),
              camera.project(low, wheel * 1.8, z - wheel),
              camera.project(low, wheel * 1.8, z + wheel),
              camera.project(low, 0, z + wheel)),
          Paint.plain(0x17181A, 8, seed + 6));
    }
  }

  /** An upright quadrangle facing the camera. */
  private Outline quad(Spot at, double halfLow, double halfHigh, double low, double high) {
    return Outline.of(
        camera.project(at.x() - halfLow, low, at.z()),
        camera.project(at.x() - halfHigh, high, at.z()),
        camera.project(at.x() + halfHigh, high, at.z()),
        camera.project(at.x() + halfLow, low, at.z()));
  }

  private void shadow(Sketch sketch, double x, double z, double half, double length) {
    sketch.overlay(
        Outline.of(
            camera.project(x - half * 1.25, 0, z - 0.25),
            camera.project(x - half * 1.2, 0, z + length),
            camera.project(x + half * 1.2, 0, z + length),
            camera.project(x + half * 1.25, 0, z - 0.25)),
        Paint.shadow(0.55));
  }

  private Thing box(String label, Body body, double x, double z, int paint) {
    int colour = camera.throughAir(Colours.jitter(paint, 14, random), z);
    long seed = random.next();
    return new Thing(z, sketch -> drawBox(sketch, label, body, new Spot(x, z), colour, seed));
  }

  private void drawBox(Sketch sketch, String label, Body body, Spot at, int colour, long seed) {
    double half = body.width() / 2;
    double far = at.z() + body.length();
    shadow(sketch, at.x(), at.z(), half, body.length());
    List<Point> around = new ArrayList<>();
    for (double z : new double[] {at.z(), far}) {
      for (int side : new int[] {-1, 1}) {
        around.add(camera.project(at.x() + side * half, 0.1, z));
        around.add(camera.project(at.x() + side * half, body.height(), z));
      }
    }
    sketch.object(label, Outline.hull(around), Paint.plain(Colours.times(colour, 0.78), 7, seed));
    sketch.detail(quad(at, half, half, 0.5, body.height()), Paint.plain(colour, 7, seed + 1));
    sketch.detail(quad(at, half, half, 0, 0.55), Paint.plain(0x202124, 8, seed + 2));
    int glass = camera.throughAir(0x2C3842, at.z());
    if (body.glass() > 0) {
      double sill = body.height() * (body.glass() - 0.28);
      double lintel = body.height() * (body.glass() + 0.12);
      sketch.detail(
          quad(at, half * 0.88, half * 0.88, sill, lintel), Paint.plain(glass, 10, seed + 3));
      sideBand(sketch, at, half, far, sill, lintel, glass, seed);
    } else {
      sketch.detail(
          quad(at, 0.04, 0.04, 0.6, body.height() - 0.2),
          Paint.plain(Colours.times(colour, 0.5), 4, seed + 3));
    }
    for (int side : new int[] {-1, 1}) {
      Spot lamp = new Spot(at.x() + side * half * 0.8, at.z());
      sketch.detail(quad(lamp, 0.14, 0.14, 0.6, 0.85), Paint.plain(0xB01A1E, 6, seed + 4));
    }
  }

  private void sideBand(
      Sketch sketch,
      Spot at,
      double half,
      double far,
      double sill,
      double lintel,
      int glass,
      long seed) {
    double x = at.x() + (at.x() > 0 ? -half : half);
    for (double z = at.z() + 0.5; z + 1.3 < far; z += 1.7) {
      sketch.detail(
          Outline.of(
              camera.project(x, sill, z),
              camera.project(x, lintel, z),
              camera.project(x, lintel, z + 1.3),
              camera.project(x, sill, z + 1.3)),
          Paint.plain(glass, 10, seed + 5));
    }
  }
}
