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

  private static final int REAR_LAMP = 0xB01A1E;
  private static final int HEADLIGHT = 0xF4F0D8;

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
    if (random.chance(0.3)) {
      things.add(large("truck", 3.3, 7, TRUCK_PAINTS));
    }
    if (random.chance(0.28)) {
      things.add(large("bus", 3.1, 11, BUS_PAINTS));
    }
    if (random.chance(0.2)) {
      things.add(large("train", 3.5, 22, TRAM_PAINTS));
    }
    return List.copyOf(things);
  }

  private Thing car(double x, double z) {
    Car car =
        new Car(
            new Upright(camera, x, z),
            random.between(0.84, 0.95),
            random.between(1.4, 1.75),
            random.between(3.7, 4.6),
            camera.throughAir(Colours.jitter(random.pick(CAR_PAINTS), 16, random), z),
            random.chance(0.6) ? REAR_LAMP : HEADLIGHT,
            random.next());
    return new Thing(z, car::draw);
  }

  private Thing large(String label, double height, double length, List<Integer> paints) {
    double x = random.chance(0.5) ? plan.roadLeft() * 0.5 : plan.roadRight() * 0.45;
    double z = random.between(12, 30);
    LargeVehicle vehicle =
        new LargeVehicle(
            label,
            new Upright(camera, x, z),
            random.between(2.35, 2.55),
            height,
            length,
            camera.throughAir(Colours.jitter(random.pick(paints), 14, random), z),
            !label.equals("truck"),
            random.next());
    return new Thing(z, vehicle::draw);
  }
}
