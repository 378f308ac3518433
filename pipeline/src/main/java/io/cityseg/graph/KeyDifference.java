package io.cityseg.graph;

import io.cityseg.proto.ActionKey;
import io.cityseg.proto.ActionRecord;
import io.cityseg.proto.ArtifactRef;
import io.cityseg.proto.Input;
import io.cityseg.proto.Parameter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Why an action is not in the store: the fields in which its key differs from the nearest action
 * that is.
 *
 * @param field "train.epochs", "input images", "seed", "code version", "environment pytorch"
 * @param before the value in the earlier action; empty when it had none
 * @param now the value wanted; empty when there is none
 */
public record KeyDifference(String field, String before, String now) {

  /**
   * The differences to the nearest earlier action: the one with the fewest, and of several the
   * latest. Nothing when the stage has never been recorded.
   */
  static Optional<List<KeyDifference>> toNearest(ActionKey key, List<ActionRecord> earlier) {
    return earlier.stream()
        .filter(record -> !record.getKey().equals(key))
        .min(
            Comparator.comparingInt((ActionRecord record) -> between(record.getKey(), key).size())
                .thenComparing(
                    record -> record.getFacts().getStartedAtMillis(), Comparator.reverseOrder()))
        .map(record -> between(record.getKey(), key));
  }

  /** The fields in which two keys of one stage differ. */
  public static List<KeyDifference> between(ActionKey before, ActionKey now) {
    List<KeyDifference> differences = new ArrayList<>();
    compare(differences, "code version", text(before.getCodeVersion()), text(now.getCodeVersion()));
    compareAll(
        differences,
        parameters(before.getParametersList()),
        parameters(now.getParametersList()),
        "");
    compare(differences, "seed", seed(before), seed(now));
    compareAll(differences, inputs(before), inputs(now), "input ");
    compareAll(
        differences,
        parameters(before.getEnvironmentList()),
        parameters(now.getEnvironmentList()),
        "environment ");
    return differences;
  }

  /** All differences in one short line: {@code train.epochs 3 -> 6, input images changed}. */
  public static String summary(List<KeyDifference> differences) {
    int shown = 3;
    List<String> parts = differences.stream().limit(shown).map(KeyDifference::brief).toList();
    String rest =
        differences.size() > shown ? " and " + (differences.size() - shown) + " more" : "";
    return String.join(", ", parts) + rest;
  }

  private String brief() {
    if (field.startsWith("input ")) {
      String role = field.substring("input ".length());
      return before.isEmpty()
          ? "new input " + role
          : now.isEmpty() ? "without input " + role : "input " + role + " changed";
    }
    return field + " " + orNone(before) + " -> " + orNone(now);
  }

  private static String orNone(String value) {
    return value.isEmpty() ? "(none)" : value;
  }

  private static void compareAll(
      List<KeyDifference> differences,
      Map<String, String> before,
      Map<String, String> now,
      String prefix) {
    Set<String> names = new LinkedHashSet<>(now.keySet());
    names.addAll(before.keySet());
    for (String name : names) {
      compare(
          differences, prefix + name, before.getOrDefault(name, ""), now.getOrDefault(name, ""));
    }
  }

  private static void compare(
      List<KeyDifference> differences, String field, String before, String now) {
    if (!before.equals(now)) {
      differences.add(new KeyDifference(field, before, now));
    }
  }

  private static Map<String, String> parameters(List<Parameter> parameters) {
    return byName(parameters, Parameter::getName, Parameter::getValue);
  }

  private static Map<String, String> inputs(ActionKey key) {
    return byName(key.getInputsList(), Input::getRole, input -> digest(input.getArtifact()));
  }

  private static <T> Map<String, String> byName(
      List<T> entries, Function<T, String> name, Function<T, String> value) {
    Map<String, String> values = new LinkedHashMap<>();
    entries.forEach(entry -> values.put(name.apply(entry), value.apply(entry)));
    return values;
  }

  private static String digest(ArtifactRef ref) {
    return ref.getSha256();
  }

  private static String text(int value) {
    return Integer.toString(value);
  }

  private static String seed(ActionKey key) {
    return key.hasSeed() ? Long.toString(key.getSeed()) : "";
  }
}
