package io.cityseg.config;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;

/** The configurations that come with the program, as YAML resources beside this class. */
final class Presets {
  /** What runs when nothing is said: minutes on two cores. */
  static final String DEFAULT = "quickstart";

  private static final List<String> NAMES = List.of("quickstart", "paper", "recipe");

  private Presets() {}

  /** The names of all presets, the default first. */
  static List<String> names() {
    return NAMES;
  }

  /** A preset's YAML. */
  static String text(String name) throws ConfigException {
    if (!NAMES.contains(name)) {
      throw new ConfigException(
          List.of(
              "Unknown preset '%s': %sthe presets are %s"
                  .formatted(
                      name,
                      NearestName.of(name, NAMES)
                          .map(near -> "did you mean '" + near + "'? ")
                          .orElse(""),
                      String.join(", ", NAMES))));
    }
    String resource = "preset-" + name + ".yaml";
    try (InputStream in = Presets.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException(resource + " is missing from this build of cityseg");
      }
      return new String(in.readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read " + resource + " from the class path", e);
    }
  }
}
