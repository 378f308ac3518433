package io.cityseg.config;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;

/**
 * What the parameters that hold paths mean: relative to the folder of the file that they were
 * written in, else to the current folder. An address ("s3://...") is left as it is.
 */
final class ConfigPaths {
  private static final ConfigParameter FOLDERS = parameter("data.paths");
  private static final ConfigParameter WEIGHTS = parameter("init.weights");

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
    boolean isTorch = file.endsWith(".pth") || file.endsWith(".pt");
    if (!isTorch && isFile(file)) {
      return;
    }
    layers.addProblem(
        """
        Invalid %s: '%s' in %s (%s). Make a .safetensors file of torchvision's weights with these \
        three lines of Python:
            import torch, safetensors.torch
            state = torch.hub.load_state_dict_from_url("https://download.pytorch.org/models/deeplabv3_resnet50_coco-cd0a2569.pth", map_location="cpu")
            safetensors.torch.save_file({k: v.contiguous() for k, v in state.items()}, "%s")"""
            .formatted(
                WEIGHTS.path(),
                file,
                origin,
                isTorch ? "must be a .safetensors file" : "there is no such file",
                isTorch ? file.replaceFirst("\\.pth?$", ".safetensors") : file));
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
