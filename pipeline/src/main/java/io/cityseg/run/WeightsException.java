package io.cityseg.run;

/** The pretrained weights that the configuration names cannot be had, or are not those it means. */
public final class WeightsException extends Exception {
  private static final long serialVersionUID = 1L;

  public WeightsException(String message) {
    super(message);
  }

  public WeightsException(String message, Throwable cause) {
    super(message, cause);
  }
}
