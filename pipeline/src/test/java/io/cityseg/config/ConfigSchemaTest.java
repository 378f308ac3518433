package io.cityseg.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import io.cityseg.proto.ParameterRule;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the loader relies on, of every parameter that the schema has. */
class ConfigSchemaTest {
  private static final Set<JavaType> READABLE =
      Set.of(JavaType.INT, JavaType.LONG, JavaType.DOUBLE, JavaType.BOOLEAN, JavaType.STRING);

  static List<ConfigParameter> parameters() {
    return ConfigSchema.parameters();
  }

  @ParameterizedTest
  @MethodSource("parameters")
  void rule_ofEveryParameter_isComplete(ConfigParameter parameter) {
    ParameterRule rule = parameter.rule();
    FieldDescriptor field = parameter.field();

    assertThat(rule.getDoc()).as(parameter.path()).endsWith(".").hasSizeGreaterThan(10);
    assertThat(field.getJavaType()).as(parameter.path()).isIn(READABLE);
    assertThat(field.isRepeated() || field.hasPresence()).as(parameter.path()).isTrue();
    if (field.isRepeated()) {
      assertThat(field.getJavaType()).as(parameter.path()).isIn(JavaType.STRING, JavaType.DOUBLE);
      if (!rule.getExecutionOnly()) {
        // A list of a key's is never empty, and the reader sees to that for numbers alone.
        assertThat(field.getJavaType()).as(parameter.path()).isEqualTo(JavaType.DOUBLE);
      }
    }
    if (Set.of(JavaType.INT, JavaType.LONG, JavaType.DOUBLE).contains(field.getJavaType())) {
      assertThat(rule.hasMin()).as(parameter.path()).isTrue();
      assertThat(!rule.hasMax() || rule.getMin() < rule.getMax()).as(parameter.path()).isTrue();
    }
  }

  @ParameterizedTest
  @MethodSource("parameters")
  void default_ofEveryParameter_parsesAndIsInRange(ConfigParameter parameter) throws Exception {
    String text = parameter.rule().getDefault();

    Object value =
        ConfigLoader.resolve("quickstart", Optional.empty(), List.of(parameter.path() + "=" + text))
                    .getField(parameter.section())
                instanceof com.google.protobuf.Message section
            ? section.getField(parameter.field())
            : null;

    assertThat(value).as(parameter.path()).isNotNull();
    if (parameter.rule().getUnkeyedAtDefault()) {
      assertThat(String.valueOf(value))
          .as(parameter.path() + ": keys compare its text with the default")
          .isEqualTo(text);
    }
    if (parameter.field().getJavaType() == JavaType.STRING && !parameter.field().isRepeated()) {
      assertThat(value).as(parameter.path()).isEqualTo(text);
    }
  }
}
