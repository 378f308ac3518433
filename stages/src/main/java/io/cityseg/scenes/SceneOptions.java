package io.cityseg.scenes;

/**
 * Which scenes are drawn. Scene number i of a split depends on the seed, the split, i and the size,
 * and on nothing else: more scenes are the same scenes and some more.
 *
 * @param train training scenes, 1..100,000
 * @param val validation scenes, 1..100,000
 * @param seed 0 or more
 * @param height pixels, 32..4096
 * @param width pixels, 32..8192
 */
public record SceneOptions(int train, int val, long seed, int height, int width) {
  public SceneOptions {
    check("number of training scenes", train, 1, 100_000);
    check("number of validation scenes", val, 1, 100_000);
    check("seed", seed, 0, Long.MAX_VALUE);
    check("height", height, 32, 4096);
    check("width", width, 32, 8192);
  }

  private static void check(String what, long value, long min, long max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(
          "Invalid %s: %d (must be %d..%d)".formatted(what, value, min, max));
    }
  }
}
