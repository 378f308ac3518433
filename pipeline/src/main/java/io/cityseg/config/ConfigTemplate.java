package io.cityseg.config;

import com.google.protobuf.Message;
import io.cityseg.proto.ParameterRule;
import io.cityseg.proto.PipelineConfig;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The commented file that {@code cityseg init} writes, made from the schema's rules. */
public final class ConfigTemplate {
  private static final int WIDTH = 100;
  private static final Pattern SPACE = Pattern.compile("\\s+");

  private ConfigTemplate() {}

  /**
   * Every section and parameter with its documentation, and with a preset's values: loading the
   * text gives the preset's configuration.
   */
  public static String text(String preset) throws ConfigException {
    PipelineConfig config = ConfigLoader.preset(preset);
    StringBuilder text = new StringBuilder();
    comment(
        text,
        "",
        "The configuration of a cityseg run, with the values of preset '%s'.".formatted(preset));
    comment(text, "", "Run it with: cityseg run -c THIS_FILE");
    comment(
        text,
        "",
        "A parameter that is left out has the value of the preset in use (--preset, else '%s'), and its default where that says nothing."
            .formatted(Presets.DEFAULT));
    comment(text, "", "Relative paths are relative to this file's folder.");
    for (String section : ConfigSchema.sections()) {
      text.append('\n').append(section).append(":\n");
      Message values =
          (Message) config.getField(PipelineConfig.getDescriptor().findFieldByName(section));
      for (ConfigParameter parameter : ConfigSchema.parameters(section)) {
        append(text, parameter, values.getField(parameter.field()));
      }
    }
    return text.toString();
  }

  /** A configuration as YAML without comments; loading the text gives the configuration. */
  public static String values(PipelineConfig config) {
    StringBuilder text = new StringBuilder();
    for (String section : ConfigSchema.sections()) {
      text.append(section).append(":\n");
      Message values =
          (Message) config.getField(PipelineConfig.getDescriptor().findFieldByName(section));
      for (ConfigParameter parameter : ConfigSchema.parameters(section)) {
        Object value = values.getField(parameter.field());
        text.append("  ").append(parameter.field().getName()).append(": ");
        text.append(yaml(parameter, value)).append('\n');
      }
    }
    return text.toString();
  }

  private static void append(StringBuilder text, ConfigParameter parameter, Object value) {
    ParameterRule rule = parameter.rule();
    comment(text, "  ", rule.getDoc());
    String standard = rule.getDefault().isEmpty() ? "\"\"" : rule.getDefault();
    comment(text, "  ", "Must be %s. Default: %s.".formatted(parameter.requirement(), standard));
    text.append("  ")
        .append(parameter.field().getName())
        .append(": ")
        .append(yaml(parameter, value))
        .append("\n");
  }

  /** A value in YAML. */
  private static String yaml(ConfigParameter parameter, Object value) {
    if (value instanceof List<?> list) {
      return list.stream()
          .map(
              element ->
                  element instanceof Double number
                      ? ConfigParameter.text(number)
                      : quoted(element.toString()))
          .collect(Collectors.joining(", ", "[", "]"));
    }
    if (value instanceof Double number) {
      return ConfigParameter.text(number);
    }
    if (value instanceof String text && parameter.rule().getChoicesCount() == 0) {
      return quoted(text);
    }
    return value.toString();
  }

  /** YAML's double quotes: those of JSON. */
  private static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        quoted.append('\\').append(c);
      } else if (Character.isISOControl(c) || c == '\u2028' || c == '\u2029' || c == '\ufeff') {
        quoted.append("\\u%04x".formatted((int) c));
      } else {
        quoted.append(c);
      }
    }
    return quoted.append('"').toString();
  }

  /** A comment, broken into lines between words. */
  private static void comment(StringBuilder text, String indent, String comment) {
    StringBuilder line = new StringBuilder(indent).append('#');
    for (String word : SPACE.splitAsStream(comment).toList()) {
      if (line.length() + 1 + word.length() > WIDTH) {
        text.append(line).append('\n');
        line = new StringBuilder(indent).append('#');
      }
      line.append(' ').append(word);
    }
    text.append(line).append('\n');
  }
}
