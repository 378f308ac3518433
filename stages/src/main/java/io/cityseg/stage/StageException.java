package io.cityseg.stage;

/**
 * A stage cannot do its work. The message is for the user: what was being done, to what, what is
 * wrong, and what to do.
 */
public class StageException extends Exception {
  public StageException(String message) {
    super(message);
  }

  public StageException(String message, Throwable cause) {
    super(message, cause);
  }
}
