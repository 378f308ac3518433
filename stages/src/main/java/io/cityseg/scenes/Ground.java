package io.cityseg.scenes;

import java.util.ArrayList;
import java.util.List;

/** Paints what lies flat, and the sky above it: sky, grass, the far end, road and sidewalks. */
final class Ground {
  private final Camera camera;
  private final StreetPlan plan;
  private final SceneRandom random;

  Ground(Camera camera, StreetPlan plan, SceneRandom random) {
    this.camera = camera;
    this.plan = plan;
    this.random = random;
  }

  void paint(Sketch sketch) {
    sky(sketch);
    sketch.object("terrain", below(camera.horizon() + 0.5), terrain());
    distance(sketch);
    for (int side : new int[] {-1, 1}) {
      sketch.object("sidewalk", strip(plan.road(side), plan.walk(side)), sidewalk());
    }
    if (random.chance(0.25)) {
      parking(sketch);
    }
    sketch.object("road", strip(plan.roadLeft(), plan.roadRight()), asphalt());
    markings(sketch);
  }

  private void sky(Sketch sketch) {
    int zenith = Colours.jitter(random.chance(0.6) ? 0x6FA3DC : 0xA9BCCB, 14, random);
    int low = Colours.jitter(0xDDE6EE, 10, random);
    double cloudiness = random.between(0, 0.9);
    double size = camera.height() / random.between(3.0, 7.0);
    double horizon = camera.horizon();
    long seed = random.next();
    Paint paint =
        (x, y, under) -> {
          int clear = Colours.mix(zenith, low, Math.max(0, Math.min(1, y / horizon)));
          double cloud =
              Colours.noise(seed, x / (2.2 * size), y / size)
                  + 0.5 * Colours.noise(seed + 1, x / size, 2.2 * y / size);
          int colour = Colours.mix(clear, 0xF4F6F8, Math.max(0, Math.min(1, cloud * cloudiness)));
          return Colours.times(colour, 1 + 0.01 * Colours.lattice(seed + 2, x, y));
        };
    sketch.object(
        "sky", Outline.rectangle(0, 0, camera.width() - 1.0, camera.horizon() + 1), paint);
  }

  /** Trees or houses on the skyline, so that the street ends somewhere. */
  private void distance(Sketch sketch) {
    boolean houses = random.chance(0.4);
    double scale = camera.scale(plan.end() * 1.2);
    List<Point> points = new ArrayList<>();
    points.add(new Point(camera.width(), camera.horizon() + 1.5 * scale));
    points.add(new Point(-1, camera.horizon() + 1.5 * scale));
    double x = -1;
    while (x < camera.width()) {
      double top = camera.horizon() - scale * random.between(houses ? 7 : 4, houses ? 16 : 11);
      double next = x + scale * random.between(houses ? 8 : 2, houses ? 20 : 6);
      points.add(new Point(x, top));
      if (houses) {
        points.add(new Point(next, top));
      }
      x = next;
    }
    points.add(new Point(camera.width(), camera.horizon() - 6 * scale));
    int near = houses ? Colours.jitter(0x8C8078, 20, random) : Colours.jitter(0x4C6B3C, 12, random);
    int colour = camera.throughAir(near, plan.end());
    Paint paint =
        houses
            ? Paint.plain(colour, 10, random.next())
            : Paint.leaves(colour, 2 * scale, 0.35, random.next());
    sketch.object(houses ? "building" : "vegetation", new Outline(points), paint);
  }

  private Outline below(double row) {
    return Outline.rectangle(0, row, camera.width() - 1.0, camera.height() - 1.0);
  }

  /** The ground between two lines along the street, from the camera to the street's end. */
  private Outline strip(double from, double to) {
    return Outline.of(
        camera.project(from, 0, Camera.NEAR),
        camera.project(from, 0, plan.end()),
        camera.project(to, 0, plan.end()),
        camera.project(to, 0, Camera.NEAR));
  }

  private Paint asphalt() {
    int colour = Colours.jitter(0x66676B, 16, random);
    long seed = random.next();
    return onGround(colour, 0.10, 1.3, 7, seed, 0);
  }

  private Paint sidewalk() {
    int colour = Colours.jitter(random.chance(0.5) ? 0xB3A79C : 0xA9A3A6, 14, random);
    return onGround(colour, 0.10, 0.8, 6, random.next(), random.between(0.8, 1.6));
  }

  private Paint terrain() {
    int colour = Colours.jitter(random.chance(0.75) ? 0x8C9A4E : 0xA39560, 14, random);
    return onGround(colour, 0.28, 0.6, 22, random.next(), 0);
  }

  /**
   * A surface on the ground.
   *
   * @param contrast of its patches, as a share
   * @param patch their size, metres
   * @param grain levels of pixel noise
   * @param slab distance of the joints between slabs, metres; 0 for none
   */
  private Paint onGround(
      int colour, double contrast, double patch, double grain, long seed, double slab) {
    return (x, y, under) -> {
      double z = camera.groundDepth(y);
      double along = (x - camera.vanishing()) * z / camera.focal();
      double fade = 1 / (1 + z / 18);
      double shade = contrast * fade * Colours.noise(seed, along / patch, z / patch / 2);
      shade += grain / 128 * Colours.lattice(seed + 1, x, y) * (0.4 + 0.6 * fade);
      if (slab > 0 && z < 22 && (onJoint(along, slab, z) || onJoint(z, slab, z))) {
        shade -= 0.16 * fade;
      }
      return camera.throughAir(Colours.times(colour, 1 + shade), z);
    };
  }

  private boolean onJoint(double metres, double slab, double z) {
    double width = Math.max(0.05, 0.6 * z / camera.focal());
    return metres - slab * Math.floor(metres / slab) < width;
  }

  private void parking(Sketch sketch) {
    double from = random.between(8, 14);
    double to = from + random.between(8, 16);
    double outer = plan.road(1) + Math.min(2.2, plan.walkRight() * 0.8);
    sketch.object(
        "parking",
        Outline.of(
            camera.project(plan.road(1), 0, from),
            camera.project(plan.road(1), 0, to),
            camera.project(outer, 0, to - 1),
            camera.project(outer, 0, from + 1)),
        onGround(Colours.jitter(0x857A78, 10, random), 0.15, 0.5, 10, random.next(), 0.4));
  }

  private void markings(Sketch sketch) {
    double middle = (plan.roadLeft() + plan.roadRight()) / 2;
    int white = Colours.jitter(0xD8D8D2, 12, random);
    double start = Camera.NEAR + random.between(0, 4);
    for (double z = start; z < 45; z += 7) {
      sketch.overlay(mark(middle - 0.08, middle + 0.08, z, z + 3), marking(white, z));
    }
    if (random.chance(0.3)) {
      double z = random.between(7, 16);
      for (double x = plan.roadLeft() + 0.5; x < plan.roadRight() - 0.5; x += 1) {
        sketch.overlay(mark(x, x + 0.5, z, z + 2.6), marking(white, z));
      }
    }
  }

  private Outline mark(double left, double right, double near, double far) {
    return Outline.of(
        camera.project(left, 0, near),
        camera.project(left, 0, far),
        camera.project(right, 0, far),
        camera.project(right, 0, near));
  }

  private Paint marking(int white, double z) {
    double share = 0.8 / (1 + z / 40);
    return (x, y, under) -> Colours.mix(under, white, share);
  }
}
