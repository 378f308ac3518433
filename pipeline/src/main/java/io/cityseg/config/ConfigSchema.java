package io.cityseg.config;

import com.google.protobuf.Descriptors.FieldDescriptor;
import io.cityseg.proto.PipelineConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What can be configured, as the schema of {@link PipelineConfig} says it, in its order. */
final class ConfigSchema {
  private static final List<FieldDescriptor> SECTIONS = PipelineConfig.getDescriptor().getFields();

  private static final List<ConfigParameter> PARAMETERS = collect();

  private ConfigSchema() {}

  static List<ConfigParameter> parameters() {
    return PARAMETERS;
  }

  /** The parameters of a section. */
  static List<ConfigParameter> parameters(String section) {
    return PARAMETERS.stream().filter(p -> p.section().getName().equals(section)).toList();
  }

  static List<String> sections() {
    return SECTIONS.stream().map(FieldDescriptor::getName).toList();
  }

  static boolean isSection(String name) {
    return sections().contains(name);
  }

  static Optional<ConfigParameter> find(String path) {
    return PARAMETERS.stream().filter(p -> p.path().equals(path)).findFirst();
  }

  /** What is said of a key that there is not: "Unknown key 'train.epoch' ...". */
  static String unknownKey(String path, String origin) {
    int dot = path.indexOf('.');
    if (dot < 0 || !isSection(path.substring(0, dot))) {
      return unknownSection(path, origin);
    }
    String section = path.substring(0, dot);
    String field = path.substring(dot + 1);
    List<String> here =
        parameters(section).stream().map(parameter -> parameter.field().getName()).toList();
    Optional<String> nearest =
        NearestName.of(field, here)
            .map(name -> section + "." + name)
            .or(() -> elsewhere(field))
            .or(() -> NearestName.of(path, paths()));
    return "Unknown key '%s' in %s: %s"
        .formatted(
            path,
            origin,
            nearest
                .map(name -> "did you mean '" + name + "'?")
                .orElse("section '%s' has %s".formatted(section, String.join(", ", here))));
  }

  /** What is said of a section, or of a key in a section, that there is not. */
  private static String unknownSection(String path, String origin) {
    if (sections().contains(path)) {
      return "Invalid key '%s' in %s: it is a section; name one of its keys, as in %s"
          .formatted(path, origin, parameters(path).get(0).path());
    }
    Optional<String> nearest =
        path.contains(".")
            ? NearestName.of(path, paths())
            : elsewhere(path).or(() -> NearestName.of(path, sections()));
    return "Unknown %s '%s' in %s: %s"
        .formatted(
            path.contains(".") ? "key" : "section",
            path,
            origin,
            nearest
                .map(name -> "did you mean '" + name + "'?")
                .orElse("the sections are " + String.join(", ", sections())));
  }

  /** A parameter of that very name in some section. */
  private static Optional<String> elsewhere(String field) {
    return PARAMETERS.stream()
        .filter(parameter -> parameter.field().getName().equals(field))
        .map(ConfigParameter::path)
        .findFirst();
  }

  private static List<String> paths() {
    return PARAMETERS.stream().map(ConfigParameter::path).toList();
  }

  private static List<ConfigParameter> collect() {
    List<ConfigParameter> parameters = new ArrayList<>();
    for (FieldDescriptor section : SECTIONS) {
      for (FieldDescriptor field : section.getMessageType().getFields()) {
        parameters.add(new ConfigParameter(section, field));
      }
    }
    return List.copyOf(parameters);
  }
}
