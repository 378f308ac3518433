package io.cityseg.store;

/** The store could not be read or written. The message names the object and what to do. */
public class StoreException extends Exception {
  public StoreException(String message) {
    super(message);
  }

  public StoreException(String message, Throwable cause) {
    super(message, cause);
  }
}
