package io.cityseg.scenes;

import java.util.ArrayList;
import java.util.List;

/** Persons on the sidewalks and crossing, and bicycles and motorcycles with and without a rider. */
final class People {
  private static final List<Integer> CLOTHES =
      List.of(0x9E2F36, 0x2F4F86, 0x2B2B30, 0xB9A27A, 0x4F7A55, 0x7A4C86, 0xD0CCC4, 0xC77A30);
  private static final List<Integer> SKIN = List.of(0xE0B79A, 0xB98562, 0x7C5238);

  private final Camera camera;
  private final StreetPlan plan;
  private final SceneRandom random;
  private final List<Thing> things = new ArrayList<>();

  People(Camera camera, StreetPlan plan, SceneRandom random) {
    this.camera = camera;
    this.plan = plan;
    this.random = random;
  }

  List<Thing> things() {
    for (int side : new int[] {-1, 1}) {
      int walkers = 1 + random.below(4);
      for (int i = 0; i < walkers; i++) {
        double share = random.between(0.15, 0.95);
        double x = plan.road(side) + share * (plan.walk(side) - plan.road(side));
        things.add(person(x, random.between(6, 26)));
      }
      if (random.chance(0.45)) {
        things.add(parked(plan.road(side) + side * 0.5, random.between(6, 16)));
      }
    }
    if (random.chance(0.35)) {
      things.add(person(random.between(plan.roadLeft(), plan.roadRight()), random.between(9, 22)));
    }
    int riders = random.below(3);
    for (int i = 0; i < riders; i++) {
      double x = random.between(plan.roadLeft() * 0.8, plan.roadRight() * 0.8);
      things.add(ridden(x, random.between(7, 18), random.chance(0.65)));
    }
    return List.copyOf(things);
  }

  private Paint cloth(double z) {
    int colour = camera.throughAir(Colours.jitter(random.pick(CLOTHES), 14, random), z);
    return Paint.plain(colour, 12, random.next());
  }

  private Paint skin(double z) {
    return Paint.plain(camera.throughAir(Colours.jitter(random.pick(SKIN), 8, random), z), 6, 3);
  }

  /** Points given in metres to the right of and above a foot point. */
  private Outline figure(double x, double z, double size, double... rightAndUp) {
    List<Point> points = new ArrayList<>();
    for (int i = 0; i < rightAndUp.length; i += 2) {
      points.add(camera.project(x + size * rightAndUp[i], size * rightAndUp[i + 1], z));
    }
    return new Outline(points);
  }

  private Thing person(double x, double z) {
    double size = random.between(0.9, 1.08);
    double stride = random.between(0.05, 0.28);
    Paint torso = cloth(z);
    Paint legs = Paint.plain(camera.throughAir(Colours.jitter(0x30343F, 16, random), z), 8, 4);
    Paint head = skin(z);
    Outline body = walking(x, z, size, stride);
    return new Thing(
        z,
        sketch -> {
          double dark = camera.scale(z);
          Point foot = camera.project(x, 0, z);
          sketch.overlay(Outline.ellipse(foot, 0.4 * dark, 0.07 * dark, 10), Paint.shadow(0.65));
          sketch.object("person", body, legs);
          sketch.detail(figure(x, z, size, -0.3, 0.85, 0.3, 0.85, 0.3, 1.53, -0.3, 1.53), torso);
          sketch.detail(figure(x, z, size, -0.2, 1.54, 0.2, 1.54, 0.2, 1.8, -0.2, 1.8), head);
        });
  }

  /** A walker's whole body, with the legs apart by the stride in metres. */
  private Outline walking(double x, double z, double size, double stride) {
    return figure(
        x,
        z,
        size,
        -0.06,
        0.85,
        -stride - 0.1,
        0,
        -stride + 0.06,
        0,
        0.02,
        0.7,
        stride - 0.06,
        0,
        stride + 0.1,
        0,
        0.2,
        0.9,
        0.28,
        1.35,
        0.2,
        1.5,
        0.07,
        1.53,
        0.11,
        1.65,
        0.06,
        1.76,
        -0.06,
        1.76,
        -0.11,
        1.65,
        -0.07,
        1.53,
        -0.2,
        1.5,
        -0.28,
        1.35,
        -0.2,
        0.9);
  }

  private Thing parked(double x, double z) {
    boolean bicycle = random.chance(0.65);
    int colour = random.pick(CLOTHES);
    long seed = random.next();
    return new Thing(z, sketch -> machine(sketch, x, z, bicycle, colour, seed));
  }

  /** A bicycle or motorcycle from its side; the space within the wheels is annotated as well. */
  private void machine(Sketch sketch, double x, double z, boolean bicycle, int colour, long seed) {
    double wheel = bicycle ? 0.34 : 0.31;
    double reach = bicycle ? 0.52 : 0.62;
    double scale = camera.scale(z);
    int black = camera.throughAir(0x1D1E20, z);
    int frame = camera.throughAir(colour, z);
    String label = bicycle ? "bicycle" : "motorcycle";
    List<Point> around = new ArrayList<>();
    for (int side : new int[] {-1, 1}) {
      Point hub = camera.project(x + side * reach, wheel, z);
      around.addAll(Outline.ellipse(hub, wheel * scale, wheel * scale, 12).points());
    }
    around.add(camera.project(x + reach * 0.7, 1.05, z));
    around.add(camera.project(x - reach * 0.4, bicycle ? 0.95 : 0.85, z));
    Paint within =
        bicycle
            ? (px, py, under) -> Colours.mix(under, 0x55585A, 0.35)
            : Paint.plain(Colours.times(frame, 0.8), 10, seed);
    sketch.object(label, Outline.hull(around), within);
    for (int side : new int[] {-1, 1}) {
      Point hub = camera.project(x + side * reach, wheel, z);
      Outline tyre = Outline.ellipse(hub, wheel * scale, wheel * scale, 12);
      sketch.detail(tyre, Paint.plain(black, 6, seed));
      double inner = wheel * (bicycle ? 0.72 : 0.5) * scale;
      sketch.detail(
          Outline.ellipse(hub, inner, inner, 12),
          Paint.plain(bicycle ? 0x8A8C8C : 0x6A6C70, 12, seed));
    }
    double thick = bicycle ? 0.05 : 0.16;
    sketch.detail(
        figure(
            x,
            z,
            1,
            -reach,
            wheel,
            -0.2,
            0.85,
            reach * 0.6,
            0.85,
            reach * 0.6,
            0.85 - 2 * thick,
            -0.1,
            0.85 - 2 * thick,
            -reach + thick,
            wheel - thick),
        Paint.plain(frame, 10, seed + 1));
  }

  private Thing ridden(double x, double z, boolean bicycle) {
    int colour = random.pick(CLOTHES);
    long seed = random.next();
    Paint torso = cloth(z);
    Paint legs = Paint.plain(camera.throughAir(Colours.jitter(0x343844, 14, random), z), 8, 5);
    Paint head = bicycle ? skin(z) : Paint.plain(camera.throughAir(0xC8C8CC, z), 8, 6);
    Outline body =
        figure(
            x, z, 1, -0.32, 0.9, -0.05, 0.3, 0.1, 0.3, 0.05, 0.78, 0.3, 1.08, 0.42, 1.06, 0.45,
            1.14, 0.2, 1.34, 0.16, 1.44, 0.22, 1.56, 0.14, 1.68, 0, 1.68, -0.06, 1.56, -0.02, 1.44,
            -0.24, 1.32);
    return new Thing(
        z,
        sketch -> {
          double dark = camera.scale(z);
          sketch.overlay(
              Outline.ellipse(camera.project(x, 0, z), 0.9 * dark, 0.08 * dark, 12),
              Paint.shadow(0.6));
          machine(sketch, x, z, bicycle, colour, seed);
          sketch.object("rider", body, legs);
          sketch.detail(figure(x, z, 1, -0.4, 0.88, 0.5, 0.88, 0.5, 1.44, -0.4, 1.44), torso);
          sketch.detail(figure(x, z, 1, -0.2, 1.45, 0.4, 1.45, 0.4, 1.8, -0.2, 1.8), head);
        });
  }
}
