package io.cityseg.config;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import io.cityseg.proto.OptionsProto;
import io.cityseg.proto.ParameterRule;

/**
 * One parameter: a field of a section, with its rule.
 *
 * @param section the section's field in the configuration
 * @param field the parameter's field in the section
 */
record ConfigParameter(FieldDescriptor section, FieldDescriptor field) {
  ConfigParameter {
    requireNonNull(section, "section");
    requireNonNull(field, "field");
  }

  /** "train.epochs". */
  String path() {
    return section.getName() + "." + field.getName();
  }

  ParameterRule rule() {
    return field.getOptions().getExtension(OptionsProto.rule);
  }

  /** What values it takes: "a whole number from 1 to 10000 (epochs)". */
  String requirement() {
    if (field.isRepeated()) {
      return field.getJavaType() == JavaType.STRING
          ? "a list, as in [first, second]"
          : "a list of one or more numbers" + range() + ", as in [1, 2]";
    }
    if (rule().getImageSize()) {
      return "HEIGHTxWIDTH (pixels), as in 512x1024, or empty";
    }
    return switch (field.getJavaType()) {
      case INT, LONG -> "a whole number" + range();
      case DOUBLE -> "a number" + range();
      case BOOLEAN -> "true or false";
      default ->
          rule().getChoicesCount() == 0
              ? "a text"
              : "one of " + String.join(", ", rule().getChoicesList());
    };
  }

  private String range() {
    ParameterRule rule = rule();
    StringBuilder range = new StringBuilder();
    if (rule.getMultipleOf() > 1) {
      range.append(" divisible by ").append(rule.getMultipleOf());
    }
    if (rule.hasMin() && rule.hasMax()) {
      range.append(" from ").append(text(rule.getMin()));
      range.append(" to ").append(text(rule.getMax()));
    } else if (rule.hasMin()) {
      range.append(" of at least ").append(text(rule.getMin()));
    } else if (rule.hasMax()) {
      range.append(" of at most ").append(text(rule.getMax()));
    }
    if (!rule.getUnit().isEmpty()) {
      range.append(" (").append(rule.getUnit()).append(')');
    }
    return range.toString();
  }

  /** A number as people write it: 20, 0.5, 1e-8. */
  static String text(double number) {
    if (number == Math.rint(number) && Math.abs(number) < 1e15) {
      return Long.toString((long) number);
    }
    return Double.toString(number).replace(".0E", "e").replace('E', 'e');
  }
}
