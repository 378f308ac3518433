package io.cityseg.run;

import io.cityseg.stage.MemoryAdvice;

/** What an exception that went through a runner was at first. */
final class Causes {
  private Causes() {}

  /** The innermost cause's message, or its type when it has none. */
  static String rootMessage(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null && root.getCause() != root) {
      root = root.getCause();
    }
    if (root instanceof OutOfMemoryError memory) {
      return MemoryAdvice.of(memory);
    }
    return root.getMessage() == null ? root.toString() : root.getMessage();
  }
}
