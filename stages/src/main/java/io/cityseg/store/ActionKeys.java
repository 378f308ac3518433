package io.cityseg.store;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.cityseg.proto.ActionKey;
import io.cityseg.proto.Input;
import io.cityseg.proto.OptionsProto;
import io.cityseg.proto.Parameter;
import io.cityseg.proto.ParameterRule;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** How keys are made: the rules of the cache, in one place. */
public final class ActionKeys {
  private static final String SEED = "seed";

  private ActionKeys() {}

  /**
   * The key's digest: SHA-256 of the message's encoding, which is canonical (see {@code
   * artifact.proto}).
   */
  public static Digest digest(ActionKey key) {
    return Digest.of(key.toByteArray());
  }

  /**
   * Makes a key.
   *
   * @param stage the stage, or the stage and its piece ("shards.shard")
   * @param codeVersion the stage's code version
   * @param sectionName the section of the configuration that the stage reads: "train"
   * @param section that section with every field set; fields marked {@code execution_only} are left
   *     out, those marked {@code unkeyed_at_default} where they have it, and {@code seed} becomes
   *     the key's seed
   * @param inputs in the order that the stage defines
   * @param environment facts of the environment that decide bytes
   * @throws IllegalArgumentException when a field that belongs to the key is not set; a list is set
   *     when it has a value
   */
  public static ActionKey of(
      String stage,
      int codeVersion,
      String sectionName,
      Message section,
      List<Input> inputs,
      List<Parameter> environment) {
    ActionKey.Builder key =
        ActionKey.newBuilder().setStage(stage).setCodeVersion(codeVersion).addAllInputs(inputs);
    List<Parameter> parameters = new ArrayList<>();
    for (FieldDescriptor field : section.getDescriptorForType().getFields()) {
      ParameterRule rule = field.getOptions().getExtension(OptionsProto.rule);
      if (rule.getExecutionOnly()) {
        continue;
      }
      String name = sectionName + "." + field.getName();
      boolean isSet =
          field.isRepeated() ? section.getRepeatedFieldCount(field) > 0 : section.hasField(field);
      if (!isSet) {
        throw new IllegalArgumentException(
            "Parameter " + name + " has no value; a key needs every parameter that a stage reads");
      }
      if (field.getName().equals(SEED)) {
        key.setSeed((Long) section.getField(field));
        continue;
      }
      String value = String.valueOf(section.getField(field));
      if (!rule.getUnkeyedAtDefault() || !value.equals(rule.getDefault())) {
        parameters.add(parameter(name, value));
      }
    }
    parameters.sort(Comparator.comparing(Parameter::getName));
    return key.addAllParameters(parameters)
        .addAllEnvironment(
            environment.stream().sorted(Comparator.comparing(Parameter::getName)).toList())
        .build();
  }

  /** A key of a piece of work that reads no parameter but those given. */
  public static ActionKey of(
      String stage,
      int codeVersion,
      List<Parameter> parameters,
      List<Input> inputs,
      List<Parameter> environment) {
    return ActionKey.newBuilder()
        .setStage(stage)
        .setCodeVersion(codeVersion)
        .addAllParameters(
            parameters.stream().sorted(Comparator.comparing(Parameter::getName)).toList())
        .addAllInputs(inputs)
        .addAllEnvironment(
            environment.stream().sorted(Comparator.comparing(Parameter::getName)).toList())
        .build();
  }

  /** A parameter in canonical text. */
  public static Parameter parameter(String name, String value) {
    return Parameter.newBuilder().setName(name).setValue(value).build();
  }
}
