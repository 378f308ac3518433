package io.cityseg.scenes;

import java.util.ArrayList;
import java.util.List;

/** Poles along the road, with lamps, traffic signs and traffic lights on them, and litter bins. */
final class Furniture {
  private static final List<Integer> SIGN_FIELDS = List.of(0xE8E4DC, 0x2B5CA8, 0xE2C23A, 0xC4262B);

  private final Camera camera;
  private final StreetPlan plan;
  private final SceneRandom random;

  Furniture(Camera camera, StreetPlan plan, SceneRandom random) {
    this.camera = camera;
    this.plan = plan;
    this.random = random;
  }

  List<Thing> things() {
    List<Thing> things = new ArrayList<>();
    for (int side : new int[] {-1, 1}) {
      double spacing = random.between(14, 24);
      double x = plan.road(side) + side * 0.5;
      for (double z = random.between(6, 14); z < 60; z += spacing) {
        things.add(lamp(x, z, -side));
      }
      int signs = 1 + random.below(3);
      for (int i = 0; i < signs; i++) {
        things.add(sign(x + side * random.between(0, 0.8), random.between(6, 24)));
      }
      if (random.chance(0.6)) {
        things.add(trafficLight(x + side * 0.2, random.between(8, 22)));
      }
      if (random.chance(0.4)) {
        things.add(bin(plan.walk(side) - side * 0.5, random.between(6, 20)));
      }
    }
    return things;
  }

  private Outline pole(double x, double height, double z, double radius) {
    Point foot = camera.project(x, 0, z);
    Point top = camera.project(x, height, z);
    double half = Math.max(0.5, radius * camera.scale(z));
    return Outline.rectangle(foot.x() - half, top.y(), foot.x() + half, foot.y());
  }

  private Paint metal(double z) {
    int colour = camera.throughAir(Colours.jitter(0x7C8084, 14, random), z);
    return Paint.plain(colour, 8, random.next());
  }

  private Thing lamp(double x, double z, int toRoad) {
    double height = random.between(5, 8);
    Paint paint = metal(z);
    Point arm = camera.project(x, height, z);
    Point end = camera.project(x + toRoad * 1.6, height, z);
    double half = Math.max(0.5, 0.07 * camera.scale(z));
    return new Thing(
        z,
        sketch -> {
          sketch.object("pole", pole(x, height, z, 0.09), paint);
          sketch.object(
              "pole",
              Outline.rectangle(
                  Math.min(arm.x(), end.x()),
                  arm.y() - half,
                  Math.max(arm.x(), end.x()),
                  arm.y() + half),
              paint);
        });
  }

  private Thing sign(double x, double z) {
    double height = random.between(2.2, 3);
    double radius = random.between(0.32, 0.48);
    double scale = camera.scale(z);
    Point middle = camera.project(x, height, z);
    int corners = random.pick(List.of(3, 4, 12, 12, 16));
    double size = radius * scale * (corners == 3 ? 1.25 : 1);
    Outline plate = plate(middle, size, corners);
    Outline field = plate(middle, size * 0.72, corners);
    int colour = camera.throughAir(Colours.jitter(random.pick(SIGN_FIELDS), 10, random), z);
    int rim = camera.throughAir(Colours.jitter(corners == 4 ? 0xE6E6E6 : 0xCC2A2E, 10, random), z);
    Paint metal = metal(z);
    long seed = random.next();
    return new Thing(
        z,
        sketch -> {
          sketch.object("pole", pole(x, height, z, 0.06), metal);
          sketch.object("traffic sign", plate, Paint.plain(rim, 5, seed));
          sketch.detail(field, Paint.plain(colour, 5, seed + 1));
        });
  }

  private static Outline plate(Point middle, double size, int corners) {
    if (corners == 4) {
      return Outline.rectangle(
          middle.x() - size, middle.y() - size, middle.x() + size, middle.y() + size);
    }
    if (corners == 3) {
      return Outline.of(
          new Point(middle.x(), middle.y() - size),
          new Point(middle.x() + size, middle.y() + 0.7 * size),
          new Point(middle.x() - size, middle.y() + 0.7 * size));
    }
    return Outline.ellipse(middle, size, size, corners);
  }

  private Thing trafficLight(double x, double z) {
    double scale = camera.scale(z);
    Point top = camera.project(x, 3.4, z);
    double half = Math.max(1, 0.2 * scale);
    double height = Math.max(3, 1.05 * scale);
    int lit = random.below(3);
    Paint metal = metal(z);
    Paint box = Paint.plain(camera.throughAir(Colours.jitter(0x23241F, 8, random), z), 8, 1);
    Outline body = Outline.rectangle(top.x() - half, top.y(), top.x() + half, top.y() + height);
    return new Thing(
        z,
        sketch -> {
          sketch.object("pole", pole(x, 3.2, z, 0.07), metal);
          sketch.object("traffic light", body, box);
          int[] lamps = {0xFF3B2A, 0xFFB21E, 0x35E07A};
          for (int i = 0; i < lamps.length; i++) {
            int colour = i == lit ? lamps[i] : Colours.times(lamps[i], 0.35);
            Point middle = new Point(top.x(), top.y() + height * (i + 0.5) / 3);
            double radius = Math.max(0.6, 0.13 * scale);
            sketch.detail(Outline.ellipse(middle, radius, radius, 10), Paint.plain(colour, 4, 2));
          }
        });
  }

  private Thing bin(double x, double z) {
    Point foot = camera.project(x, 0, z);
    Point top = camera.project(x, 1, z);
    double half = Math.max(1, 0.3 * camera.scale(z));
    int colour = camera.throughAir(Colours.jitter(0x3B4A44, 14, random), z);
    long seed = random.next();
    return new Thing(
        z,
        sketch ->
            sketch.object(
                "static",
                Outline.rectangle(foot.x() - half, top.y(), foot.x() + half, foot.y()),
                Paint.vertical(Colours.times(colour, 1.2), colour, top.y(), foot.y(), 8, seed)));
  }
}
