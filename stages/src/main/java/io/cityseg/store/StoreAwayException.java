package io.cityseg.store;

import java.io.Serial;

/**
 * The server of a store did not answer, or was not well, for as long as it was borne with. Asking
 * it for something else at once would take as long again.
 */
public final class StoreAwayException extends StoreException {
  @Serial private static final long serialVersionUID = 1L;

  StoreAwayException(String message, Throwable cause) {
    super(message, cause);
  }
}
