package io.cityseg.train;

import com.google.protobuf.Descriptors.FieldDescriptor;
import io.cityseg.proto.OptionsProto;
import io.cityseg.proto.TrainConfig;

/** Configurations of stage train. */
final class TrainConfigs {
  private TrainConfigs() {}

  /** Every parameter at its default. */
  static TrainConfig.Builder defaults() {
    TrainConfig.Builder config = TrainConfig.newBuilder();
    for (FieldDescriptor field : TrainConfig.getDescriptor().getFields()) {
      String text = field.getOptions().getExtension(OptionsProto.rule).getDefault();
      config.setField(field, value(field, text));
    }
    return config;
  }

  private static Object value(FieldDescriptor field, String text) {
    return switch (field.getJavaType()) {
      case INT -> Integer.valueOf(text);
      case LONG -> Long.valueOf(text);
      case DOUBLE -> Double.valueOf(text);
      case BOOLEAN -> Boolean.valueOf(text);
      case STRING -> text;
      default -> throw new IllegalStateException("No value is known for " + field.getFullName());
    };
  }
}
