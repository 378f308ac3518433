package io.cityseg.submission;

import java.util.List;

/** A submission cannot be made. All that is wrong, at once; each message names its file. */
public class SubmissionException extends Exception {
  private final transient List<String> problems;

  public SubmissionException(List<String> problems) {
    super(String.join("\n", problems));
    this.problems = List.copyOf(problems);
  }

  /** What is wrong, a message each. */
  public List<String> problems() {
    return problems;
  }
}
