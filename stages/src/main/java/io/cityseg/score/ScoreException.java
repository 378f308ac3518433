package io.cityseg.score;

import java.util.List;

/**
 * Predictions cannot be scored. One message for each file that is missing or wrong, all of them at
 * once; each names its file.
 */
public class ScoreException extends Exception {
  private final transient List<String> problems;

  public ScoreException(List<String> problems) {
    super(String.join("\n", problems));
    this.problems = List.copyOf(problems);
  }

  /** What is wrong, a message for each file. */
  public List<String> problems() {
    return problems;
  }
}
