package io.cityseg.image;

/**
 * A picture cannot be used: damaged, of the wrong kind, or too large. The message is for the user
 * and names the file.
 */
public class ImageException extends Exception {
  public ImageException(String message) {
    super(message);
  }

  public ImageException(String message, Throwable cause) {
    super(message, cause);
  }
}
