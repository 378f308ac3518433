package io.cityseg.scenes;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Makes up a street scene: what is where, from the skyline to the bonnet of the camera's car. */
final class SceneComposer {
  private SceneComposer() {}

  /**
   * The strokes of a scene, back to front.
   *
   * @param seed of this scene; everything but the size follows from it
   */
  static List<Stroke> compose(int height, int width, long seed) {
    SceneRandom random = new SceneRandom(seed);
    Camera camera =
        new Camera(
            height,
            width,
            height * random.between(0.38, 0.48),
            width * random.between(0.4, 0.6),
            height * random.between(1.7, 2.2),
            random.between(1.2, 1.6),
            Colours.jitter(0xC9D3DB, 8, random));
    StreetPlan plan = StreetPlan.draw(random);
    Sketch sketch = new Sketch(height, width);
    new Ground(camera, plan, random).paint(sketch);
    List<Thing> behind = new Facades(camera, plan, random).things();
    List<Thing> within = new ArrayList<>();
    within.addAll(Greenery.things(camera, plan, random));
    within.addAll(new Furniture(camera, plan, random).things());
    within.addAll(new Vehicles(camera, plan, random).things());
    within.addAll(new People(camera, plan, random).things());
    // No line of sight within the street crosses what bounds it, however near that begins.
    add(behind, sketch);
    add(within, sketch);
    bonnet(sketch, height, width, random);
    border(sketch, height, width);
    return sketch.strokes();
  }

  private static void add(List<Thing> things, Sketch sketch) {
    things.stream()
        .sorted(Comparator.comparingDouble(Thing::depth).reversed())
        .forEach(thing -> thing.drawing().accept(sketch));
  }

  /** The car that carries the camera: "ego vehicle", which is void. */
  private static void bonnet(Sketch sketch, int height, int width, SceneRandom random) {
    double rise = height * random.between(0.05, 0.09);
    int colour = Colours.jitter(0x3A3E46, 14, random);
    List<Point> points = new ArrayList<>();
    int corners = 12;
    for (int i = 0; i <= corners; i++) {
      double share = (double) i / corners;
      double arch = 4 * share * (1 - share);
      points.add(new Point(width * (0.06 + 0.88 * share), height - rise * arch));
    }
    sketch.object(
        "ego vehicle",
        new Outline(points),
        Paint.vertical(
            Colours.times(colour, 1.9), colour, height - rise, height, 6, random.next()));
  }

  /** What undistortion leaves at the border of a picture in the data set: void as well. */
  private static void border(Sketch sketch, int height, int width) {
    double wide = Math.max(1, width / 200);
    double high = Math.max(1, height / 128);
    Paint smear = Paint.shadow(0.25);
    sketch.object("rectification border", Outline.rectangle(0, 0, wide, height - 1.0), smear);
    sketch.object(
        "rectification border",
        Outline.rectangle(width - 1 - wide, 0, width - 1.0, height - 1.0),
        smear);
    sketch.object(
        "out of roi", Outline.rectangle(0, height - 1 - high, width - 1.0, height - 1.0), smear);
  }
}
