package io.cityseg.labels;

/**
 * A label source cannot be used. The message is for the user and names the file, what is wrong in
 * it, and the value.
 */
public class LabelException extends Exception {
  public LabelException(String message) {
    super(message);
  }

  public LabelException(String message, Throwable cause) {
    super(message, cause);
  }
}
