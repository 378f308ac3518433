package io.cityseg.scenes;

import java.util.ArrayList;
import java.util.List;

/** Trees along the street and bushes on the verge. */
final class Greenery {
  private Greenery() {}

  static List<Thing> things(Camera camera, StreetPlan plan, SceneRandom random) {
    List<Thing> things = new ArrayList<>();
    for (int side : new int[] {-1, 1}) {
      if (random.chance(0.55)) {
        double x = plan.walk(side) + side * 0.3;
        double spacing = random.between(8, 16);
        for (double z = random.between(7, 14); z < plan.end() * 0.8; z += spacing) {
          things.add(tree(camera, x, z, random.between(5, 8), random));
        }
      }
      int bushes = random.below(4);
      for (int i = 0; i < bushes; i++) {
        double x = (plan.walk(side) + plan.facade(side)) / 2;
        things.add(bush(camera, x, random.between(6, 30), random));
      }
    }
    return things;
  }

  /** A tree: trunk and crown are both annotated as vegetation, as in the data set. */
  static Thing tree(Camera camera, double x, double z, double height, SceneRandom random) {
    int leaf = camera.throughAir(Colours.jitter(0x4A6E34, 16, random), z);
    int bark = camera.throughAir(Colours.jitter(0x54473A, 8, random), z);
    double scale = camera.scale(z);
    double radius = height * random.between(0.24, 0.36);
    Point foot = camera.project(x, 0, z);
    Point fork = camera.project(x, height - radius, z);
    Outline crown = Outline.blob(fork, radius * scale, 1.1 * radius * scale, 0.16, random);
    long seed = random.next();
    double trunk = Math.max(0.6, 0.14 * scale);
    return new Thing(
        z,
        sketch -> {
          sketch.object(
              "vegetation",
              Outline.rectangle(foot.x() - trunk, fork.y(), foot.x() + trunk, foot.y()),
              Paint.plain(bark, 16, seed));
          sketch.object("vegetation", crown, Paint.leaves(leaf, 0.7 * scale, 0.55, seed));
        });
  }

  private static Thing bush(Camera camera, double x, double z, SceneRandom random) {
    double size = random.between(0.5, 1.1);
    double scale = camera.scale(z);
    int leaf = camera.throughAir(Colours.jitter(0x4F7038, 14, random), z);
    Outline outline =
        Outline.blob(
            camera.project(x, size * 0.7, z), size * 1.2 * scale, size * 0.7 * scale, 0.15, random);
    long seed = random.next();
    return new Thing(
        z,
        sketch -> sketch.object("vegetation", outline, Paint.leaves(leaf, 0.3 * scale, 0.5, seed)));
  }
}
