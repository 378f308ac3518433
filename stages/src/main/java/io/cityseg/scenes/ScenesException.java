package io.cityseg.scenes;

/** Scenes could not be drawn into a folder. The message names the folder and what to do. */
public class ScenesException extends Exception {
  public ScenesException(String message) {
    super(message);
  }

  public ScenesException(String message, Throwable cause) {
    super(message, cause);
  }
}
