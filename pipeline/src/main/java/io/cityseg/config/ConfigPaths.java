package io.cityseg.config;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What the parameters that hold paths mean: relative to the folder of the file that they were
 * written in, else to the current folder. An address ("s3://...", "https://...") is left as it is.
 */
final class ConfigPaths {
  private static final ConfigParameter FOLDERS = parameter("data.paths");
  private static final ConfigParameter WEIGHTS = parameter("init.weights");

  private static final Pattern ADDRESS = Pattern.compile("^https?://");

  private ConfigPaths() {}

  /** Makes the paths absolute, and checks that the weights are there. */
  static void resolve(ConfigLayers layers) {
    layers
        .value(FOLDERS)
        .ifPresent(
            value ->
                layers.change(
                    FOLDERS,
                    ((List<?>) value.value())
                        .stream().map(p -> absolute(layers, FOLDERS, value, (String) p)).toList()));
    layers
        .value(WEIGHTS)
        .filter(value -> !((String) value.value()).isEmpty())
        .ifPresent(
            value -> {
              String file = absolute(layers, WEIGHTS, value, (String) value.value());
              layers.change(WEIGHTS, file);
              requireWeights(layers, file, value.origin());
            });
  }

  private static String absolute(
      ConfigLayers layers, ConfigParameter parameter, ConfigLayers.Value value, String path) {
    if (path.contains("://")) {
      return path;
    }
    try {
      return value.folder().resolve(path).toAbsolutePath().normalize().toString();
    } catch (InvalidPathException e) {
      layers.addProblem(
          "Invalid %s: '%s' in %s (must be a path: %s)"
              .formatted(parameter.path(), path, value.origin(), e.getReason()));
      return path;
    }
  }

  private static void requireWeights(ConfigLayers layers, String file, String origin) {
    if (ADDRESS.matcher(file).find() || isFile(file)) {
      return;
    }
    layers.addProblem(
        ("Invalid %s: '%s' in %s (%s). Name a .pth or .safetensors file with torchvision's names, or"
                + " its address, which is fetched once and kept:"
                + " --set %s=https://download.pytorch.org/models/deeplabv3_resnet50_coco-cd0a2569.pth")
            .formatted(
                WEIGHTS.path(),
                file,
                origin,
                file.contains("://")
                    ? "an address must begin with https:// or http://"
                    : "there is no such file",
                WEIGHTS.path()));
  }

  private static boolean isFile(String path) {
    try {
      return Files.isRegularFile(Path.of(path));
    } catch (InvalidPathException e) {
      return false;
    }
  }

  private static ConfigParameter parameter(String path) {
    return ConfigSchema.find(path)
        .orElseThrow(() -> new IllegalStateException("The schema has no parameter " + path));
  }
}
