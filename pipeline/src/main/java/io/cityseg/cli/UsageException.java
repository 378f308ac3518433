package io.cityseg.cli;

/**
 * The user asked for something that cannot be; the message says what, and what to do. Exit code 2.
 */
final class UsageException extends Exception {
  UsageException(String message) {
    super(message);
  }

  UsageException(String message, Throwable cause) {
    super(message, cause);
  }
}
