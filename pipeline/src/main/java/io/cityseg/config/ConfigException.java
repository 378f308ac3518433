package io.cityseg.config;

import java.util.List;

/** The configuration cannot be used. The message lists everything that is wrong with it. */
public class ConfigException extends Exception {
  private final List<String> problems;

  /**
   * @param problems each says where, what is wrong, and what is right; at least one
   */
  public ConfigException(List<String> problems) {
    super(message(problems));
    this.problems = List.copyOf(problems);
  }

  /** What is wrong, one by one. */
  public List<String> problems() {
    return problems;
  }

  private static String message(List<String> problems) {
    if (problems.isEmpty()) {
      throw new IllegalArgumentException("A ConfigException needs at least one problem");
    }
    if (problems.size() == 1) {
      return problems.get(0);
    }
    return "%d problems in the configuration:%n  - %s"
        .formatted(problems.size(), String.join(System.lineSeparator() + "  - ", problems));
  }
}
