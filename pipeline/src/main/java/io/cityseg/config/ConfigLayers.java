package io.cityseg.config;

import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.Message;
import io.cityseg.proto.PipelineConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.yaml.snakeyaml.DumperOptions.ScalarStyle;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * Values by parameter, each layer over those before it: the schema's defaults, a preset, a file,
 * {@code --set}. Gathers what is wrong instead of stopping at it. For one thread.
 */
final class ConfigLayers {
  private final Map<ConfigParameter, Value> values = new HashMap<>();
  private final List<String> problems = new ArrayList<>();

  /**
   * A value, and whence it is.
   *
   * @param origin for messages: "cityseg.yaml, line 12"
   * @param folder what a relative path in it is relative to
   */
  record Value(Object value, String origin, Path folder) {}

  /** The defaults of the schema. */
  ConfigLayers(Path folder) {
    for (ConfigParameter parameter : ConfigSchema.parameters()) {
      String origin = "the default";
      put(parameter, node(parameter, parameter.rule().getDefault(), origin), origin, folder);
    }
  }

  /** Lays the parameters of a YAML document over. */
  void addYaml(String text, String source, Path folder) {
    for (YamlDocument.Entry entry : YamlDocument.entries(text, source, problems)) {
      Optional<ConfigParameter> parameter = ConfigSchema.find(entry.path());
      if (parameter.isEmpty()) {
        problems.add(ConfigSchema.unknownKey(entry.path(), entry.origin()));
      } else {
        put(parameter.get(), Optional.of(entry.value()), entry.origin(), folder);
      }
    }
  }

  /** Lays one {@code section.key=value} over. */
  void addSet(String set, Path folder) {
    String origin = "--set " + set;
    int equals = set.indexOf('=');
    if (equals < 1) {
      problems.add(
          "Invalid %s: it must be section.parameter=value, as in --set train.epochs=3"
              .formatted(origin));
      return;
    }
    String path = set.substring(0, equals).strip();
    Optional<ConfigParameter> parameter = ConfigSchema.find(path);
    if (parameter.isEmpty()) {
      problems.add(ConfigSchema.unknownKey(path, origin));
      return;
    }
    put(parameter.get(), node(parameter.get(), set.substring(equals + 1), origin), origin, folder);
  }

  void addProblem(String problem) {
    problems.add(problem);
  }

  /** The value of a parameter; absent when a problem kept even its default out. */
  Optional<Value> value(ConfigParameter parameter) {
    return Optional.ofNullable(values.get(parameter));
  }

  /** Puts another value in the place of one, with the same origin. */
  void change(ConfigParameter parameter, Object value) {
    values.computeIfPresent(parameter, (p, old) -> new Value(value, old.origin(), old.folder()));
  }

  /**
   * The configuration, with every field set.
   *
   * @throws ConfigException when anything was wrong
   */
  PipelineConfig build() throws ConfigException {
    if (!problems.isEmpty()) {
      throw new ConfigException(problems);
    }
    PipelineConfig.Builder config = PipelineConfig.newBuilder();
    for (String section : ConfigSchema.sections()) {
      var field = PipelineConfig.getDescriptor().findFieldByName(section);
      Message.Builder builder = config.newBuilderForField(field);
      for (ConfigParameter parameter : ConfigSchema.parameters(section)) {
        builder.setField(parameter.field(), values.get(parameter).value());
      }
      config.setField(field, builder.build());
    }
    return config.build();
  }

  private void put(ConfigParameter parameter, Optional<Node> node, String origin, Path folder) {
    node.flatMap(n -> ParameterReader.read(parameter, n, origin, problems))
        .ifPresent(value -> values.put(parameter, new Value(value, origin, folder)));
  }

  /**
   * A value that is not in a file. A text is taken as it is, since a shell has unquoted it already
   * and a title may hold a colon; everything else is YAML.
   */
  private Optional<Node> node(ConfigParameter parameter, String text, String origin) {
    boolean isText =
        !parameter.field().isRepeated() && parameter.field().getJavaType() == JavaType.STRING;
    if (isText) {
      return Optional.of(scalar(Tag.STR, text));
    }
    return text.isBlank()
        ? Optional.of(scalar(Tag.NULL, ""))
        : YamlDocument.value(text, origin, problems);
  }

  private static Node scalar(Tag tag, String text) {
    Mark nowhere = null;
    return new ScalarNode(tag, text, nowhere, nowhere, ScalarStyle.PLAIN);
  }
}
