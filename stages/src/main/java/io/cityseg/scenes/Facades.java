package io.cityseg.scenes;

import java.util.ArrayList;
import java.util.List;

/** What bounds the street on both sides: houses, walls, fences, hedges and trees between them. */
final class Facades {
  private static final List<Integer> PLASTER =
      List.of(0xC9B18C, 0xB89878, 0xA9695A, 0x9C8F86, 0xC7BDB0, 0x8E7F77, 0xBFA0A0, 0x7D6A60);

  private final Camera camera;
  private final StreetPlan plan;
  private final SceneRandom random;
  private final List<Thing> things = new ArrayList<>();

  Facades(Camera camera, StreetPlan plan, SceneRandom random) {
    this.camera = camera;
    this.plan = plan;
    this.random = random;
  }

  /** Everything on both sides. */
  List<Thing> things() {
    for (int side : new int[] {-1, 1}) {
      double z = Camera.NEAR;
      while (z < plan.end() * 0.85) {
        double length = random.between(8, 20);
        block(side, z, Math.min(z + length, plan.end() * 0.85));
        z += length;
      }
    }
    return List.copyOf(things);
  }

  private void block(int side, double near, double far) {
    double kind = random.between(0, 1);
    if (kind < 0.62) {
      house(side, near, far);
    } else if (kind < 0.74) {
      hedge(side, near, far);
    } else if (kind < 0.88) {
      barrier(side, near, far, random.chance(0.5));
    } else {
      grove(side, near, far);
    }
  }

  private void house(int side, double near, double far) {
    double x = plan.facade(side);
    int floors = 2 + random.below(5);
    double floor = random.between(2.8, 3.4);
    double height = floors * floor + random.between(0.5, 1.5);
    int colour = Colours.jitter(random.pick(PLASTER), 20, random);
    double lit = random.between(0.78, 1.08);
    boolean shopFront = random.chance(0.4);
    int glass = Colours.jitter(0x3F4A55, 14, random);
    double bay = random.between(2.2, 3.4);
    long seed = random.next();
    things.add(
        new Thing(
            near + 0.01,
            sketch -> {
              int wall = camera.throughAir(Colours.times(colour, lit), near);
              double back = x + side * 12;
              sketch.object(
                  "building",
                  Outline.of(
                      camera.project(x, 0, near),
                      camera.project(x, height, near),
                      camera.project(back, height, near),
                      camera.project(back, 0, near)),
                  wall(Colours.times(wall, 0.82), seed));
              sketch.object("building", face(x, 0, height, near, far), wall(wall, seed + 1));
              sketch.detail(face(x, height - 0.5, height, near, far), Paint.shadow(0.8));
              windows(sketch, new Wall(x, near, far), floors, floor, bay, glass, seed);
              if (shopFront) {
                sketch.detail(
                    face(x, 0.4, floor * 0.85, near + 0.6, far - 0.6),
                    Paint.plain(camera.throughAir(Colours.times(glass, 1.3), near), 14, seed));
              }
            }));
  }

  private record Wall(double x, double near, double far) {}

  private void windows(
      Sketch sketch, Wall wall, int floors, double floor, double bay, int glass, long seed) {
    for (int storey = 0; storey < floors; storey++) {
      double sill = storey * floor + 1;
      int column = 0;
      for (double z = wall.near() + 0.7; z + 1.2 < wall.far() && z < 60; z += bay) {
        double bright = 1 + 0.45 * Colours.lattice(seed, storey, column++);
        int pane = camera.throughAir(Colours.times(glass, bright), z);
        sketch.detail(face(wall.x(), sill, sill + 1.5, z, z + 1.2), Paint.plain(pane, 8, seed));
      }
    }
  }

  /** A part of the upright plane along the street at x. */
  private Outline face(double x, double bottom, double top, double near, double far) {
    return Outline.of(
        camera.project(x, bottom, near),
        camera.project(x, top, near),
        camera.project(x, top, far),
        camera.project(x, bottom, far));
  }

  private static Paint wall(int colour, long seed) {
    return (x, y, under) ->
        Colours.times(
            colour,
            1 + 0.06 * Colours.noise(seed, x / 9.0, y / 9.0) + 0.06 * Colours.lattice(seed, x, y));
  }

  private void hedge(int side, double near, double far) {
    double x = plan.facade(side);
    double height = random.between(1.2, 3);
    int colour = Colours.jitter(0x46662F, 12, random);
    long seed = random.next();
    List<Point> points = new ArrayList<>();
    points.add(camera.project(x, 0, far));
    points.add(camera.project(x, 0, near));
    for (double z = near; z < far; z += 1.2) {
      points.add(camera.project(x, height * random.between(0.85, 1.15), z));
    }
    points.add(camera.project(x, height, far));
    things.add(
        new Thing(
            near,
            sketch ->
                sketch.object(
                    "vegetation",
                    new Outline(points),
                    Paint.leaves(
                        camera.throughAir(colour, near),
                        0.5 * camera.scale((near + far) / 2),
                        0.5,
                        seed))));
    grove(side, near + 2, far);
  }

  /** A wall, or a fence, with trees behind it. */
  private void barrier(int side, double near, double far, boolean fence) {
    grove(side, near + 3, far);
    double x = plan.facade(side) - side * 0.3;
    double height = fence ? random.between(1.1, 1.9) : random.between(1.2, 2.6);
    int colour =
        fence ? Colours.jitter(0x6E5846, 12, random) : Colours.jitter(0x8D8A9A, 14, random);
    double pitch = random.between(0.28, 0.5);
    long seed = random.next();
    Paint paint =
        (px, py, under) -> {
          double z = x * camera.focal() / nonZero(px - camera.vanishing());
          double y = camera.eye() - (py - camera.horizon()) * z / camera.focal();
          double stripe = fence ? z / pitch : y / 0.45;
          boolean dark = stripe - Math.floor(stripe) < (fence ? 0.5 : 0.14);
          double shade = dark ? 0.68 : 1.08;
          int colourHere = Colours.times(colour, shade + 0.05 * Colours.lattice(seed, px, py));
          return camera.throughAir(colourHere, z);
        };
    things.add(
        new Thing(
            near - 0.01,
            sketch ->
                sketch.object(fence ? "fence" : "wall", face(x, 0, height, near, far), paint)));
  }

  private static double nonZero(double value) {
    return Math.abs(value) < 1 ? 1 : value;
  }

  /** Trees behind the line of houses. */
  private void grove(int side, double near, double far) {
    for (double z = near + 1; z < far; z += random.between(3, 6)) {
      double x = plan.facade(side) + side * random.between(1, 4);
      things.add(Greenery.tree(camera, x, z, random.between(5, 11), random));
    }
  }
}
