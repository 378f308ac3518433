package io.cityseg.config;

import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import io.cityseg.image.PixelSize;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.DumperOptions.ScalarStyle;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * Reads a parameter's value from YAML. It reads the text as it stands and not what YAML 1.1 makes
 * of it: {@code 1e-4} is a number, {@code no} is a text, {@code 010} is refused.
 */
final class ParameterReader {
  private static final Pattern WHOLE = Pattern.compile("[-+]?(0|[1-9][0-9]{0,30})");
  private static final Pattern NUMBER =
      Pattern.compile("[-+]?([0-9]+(\\.[0-9]*)?|\\.[0-9]+)([eE][-+]?[0-9]{1,5})?");

  private ParameterReader() {}

  /**
   * The value in the field's Java type.
   *
   * @param origin where it was written, for messages
   * @param problems gets what is wrong with it
   * @return nothing when something is wrong
   */
  static Optional<Object> read(
      ConfigParameter parameter, Node node, String origin, List<String> problems) {
    Optional<Object> value =
        parameter.field().isRepeated() ? list(parameter, node) : scalar(parameter, node);
    if (value.isEmpty()) {
      problems.add(
          "Invalid %s: %s in %s (must be %s%s)"
              .formatted(
                  parameter.path(),
                  shown(node),
                  origin,
                  parameter.requirement(),
                  suggestion(parameter, node)));
    }
    return value;
  }

  private static Optional<Object> scalar(ConfigParameter parameter, Node node) {
    if (!(node instanceof ScalarNode scalar) || hasForeignTag(node)) {
      return Optional.empty();
    }
    boolean plain = scalar.getScalarStyle() == ScalarStyle.PLAIN;
    String text = scalar.getValue();
    return switch (parameter.field().getJavaType()) {
      case INT -> plain ? whole(parameter, text, Integer.SIZE).map(Number::intValue) : none();
      case LONG -> plain ? whole(parameter, text, Long.SIZE).map(v -> v) : none();
      case DOUBLE -> plain ? number(parameter, text).map(v -> v) : none();
      case BOOLEAN -> plain ? bool(text) : none();
      case STRING -> isNull(node) ? none() : choice(parameter, text);
      default ->
          throw new IllegalStateException(
              "Parameter " + parameter.path() + " has a type that no YAML value is read for");
    };
  }

  private static Optional<Long> whole(ConfigParameter parameter, String text, int bits) {
    if (!WHOLE.matcher(text).matches()) {
      return Optional.empty();
    }
    BigInteger value = new BigInteger(text);
    int factor = parameter.rule().getMultipleOf();
    if (value.bitLength() >= bits
        || !isInRange(parameter, value.doubleValue())
        || (factor > 1 && value.longValueExact() % factor != 0)) {
      return Optional.empty();
    }
    return Optional.of(value.longValueExact());
  }

  private static Optional<Double> number(ConfigParameter parameter, String text) {
    if (!NUMBER.matcher(text).matches()) {
      return Optional.empty();
    }
    // Adding zero makes 0.0 of -0.0, so that equal values have equal keys.
    double value = Double.parseDouble(text) + 0.0;
    return Double.isFinite(value) && isInRange(parameter, value)
        ? Optional.of(value)
        : Optional.empty();
  }

  private static Optional<Object> bool(String text) {
    return text.equals("true") || text.equals("false")
        ? Optional.of(Boolean.valueOf(text))
        : Optional.empty();
  }

  private static Optional<Object> choice(ConfigParameter parameter, String text) {
    List<String> choices = parameter.rule().getChoicesList();
    if (parameter.rule().getImageSize() && !text.isEmpty()) {
      return PixelSize.ofText(text).map(PixelSize::toString);
    }
    return choices.isEmpty() || choices.contains(text) ? Optional.of(text) : Optional.empty();
  }

  private static Optional<Object> list(ConfigParameter parameter, Node node) {
    if (!(node instanceof SequenceNode sequence) || hasForeignTag(node)) {
      return Optional.empty();
    }
    boolean numbers = parameter.field().getJavaType() == JavaType.DOUBLE;
    List<Object> values = new ArrayList<>();
    for (Node element : sequence.getValue()) {
      if (!(element instanceof ScalarNode scalar) || hasForeignTag(element) || isNull(element)) {
        return Optional.empty();
      }
      Optional<Object> value =
          numbers ? scalar(parameter, element) : Optional.of(scalar.getValue());
      if (value.isEmpty()) {
        return Optional.empty();
      }
      values.add(value.get());
    }
    return numbers && values.isEmpty() ? none() : Optional.of(List.copyOf(values));
  }

  private static boolean isInRange(ConfigParameter parameter, double value) {
    return (!parameter.rule().hasMin() || value >= parameter.rule().getMin())
        && (!parameter.rule().hasMax() || value <= parameter.rule().getMax());
  }

  private static String suggestion(ConfigParameter parameter, Node node) {
    if (!(node instanceof ScalarNode scalar)) {
      return "";
    }
    if (scalar.getScalarStyle() != ScalarStyle.PLAIN
        && parameter.field().getJavaType() != JavaType.STRING) {
      return ", without quotes";
    }
    return NearestName.of(scalar.getValue(), parameter.rule().getChoicesList())
        .map(name -> "; did you mean '" + name + "'?")
        .orElse("");
  }

  private static String shown(Node node) {
    if (hasForeignTag(node)) {
      return "a value with the tag " + node.getTag().getValue();
    }
    if (node instanceof ScalarNode scalar) {
      return isNull(node) ? "no value" : "'" + scalar.getValue() + "'";
    }
    return node instanceof SequenceNode ? "a list" : "a section";
  }

  private static boolean isNull(Node node) {
    return node.getTag().equals(Tag.NULL);
  }

  private static boolean hasForeignTag(Node node) {
    return !Tag.standardTags.contains(node.getTag());
  }

  private static <T> Optional<T> none() {
    return Optional.empty();
  }
}
