package io.cityseg.scan;

/**
 * A folder cannot be used as a data set. The message is for the user: which folder, what was
 * expected there, and what to do.
 */
public class DataFolderException extends Exception {
  public DataFolderException(String message) {
    super(message);
  }

  public DataFolderException(String message, Throwable cause) {
    super(message, cause);
  }
}
