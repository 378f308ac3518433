package io.cityseg.config;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.cityseg.files.FileFailures;
import io.cityseg.proto.PipelineConfig;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Makes a complete configuration of what the user gave. */
public final class ConfigLoader {
  private ConfigLoader() {}

  /**
   * Lays a YAML file over a preset over the schema's defaults, and {@code --set} over all.
   *
   * @param preset a preset's name, one of {@link Presets#names()}
   * @param file a YAML file: sections that hold parameters
   * @param sets {@code section.parameter=value}, the value in YAML ({@code data.paths=[a, b]}) or,
   *     where it is a text, as it is; a later one goes over an earlier one
   * @return the configuration with every field set and valid; its paths are absolute
   * @throws ConfigException with all problems at once: unknown and duplicate keys, values of the
   *     wrong type or out of range, files that cannot be read
   */
  public static PipelineConfig resolve(String preset, Optional<Path> file, List<String> sets)
      throws ConfigException {
    return resolve(preset, file, sets, Path.of(""));
  }

  static PipelineConfig resolve(
      String preset, Optional<Path> file, List<String> sets, Path currentFolder)
      throws ConfigException {
    ConfigLayers layers = presetLayers(preset, currentFolder);
    file.ifPresent(yaml -> addFile(layers, currentFolder.resolve(yaml)));
    sets.forEach(set -> layers.addSet(set, currentFolder));
    ConfigPaths.resolve(layers);
    WindowRule.check(layers);
    PipelineConfig config = layers.build();
    ConfigChecks.check(config);
    return config;
  }

  /** A preset as it is written, with its paths relative. */
  static PipelineConfig preset(String preset) throws ConfigException {
    return presetLayers(preset, Path.of("")).build();
  }

  private static ConfigLayers presetLayers(String preset, Path folder) throws ConfigException {
    ConfigLayers layers = new ConfigLayers(folder);
    layers.addYaml(Presets.text(preset), "preset " + preset, folder);
    return layers;
  }

  private static void addFile(ConfigLayers layers, Path file) {
    try {
      if (Files.isDirectory(file)) {
        layers.addProblem("Cannot read %s: it is a folder, not a YAML file".formatted(file));
      } else if (Files.size(file) > YamlDocument.MAX_BYTES) {
        layers.addProblem(
            "Cannot read %s: it has %d bytes, and a configuration has at most %d"
                .formatted(file, Files.size(file), YamlDocument.MAX_BYTES));
      } else {
        String text =
            UTF_8.newDecoder().decode(ByteBuffer.wrap(Files.readAllBytes(file))).toString();
        Path folder = Optional.ofNullable(file.getParent()).orElse(Path.of(""));
        layers.addYaml(text, file.toString(), folder);
      }
    } catch (NoSuchFileException e) {
      layers.addProblem(
          "Cannot read %s: there is no such file; 'cityseg init' writes one".formatted(file));
    } catch (CharacterCodingException e) {
      layers.addProblem("Cannot read %s: it is not UTF-8 text".formatted(file));
    } catch (IOException e) {
      layers.addProblem("Cannot read %s: %s".formatted(file, FileFailures.reason(e)));
    }
  }
}
