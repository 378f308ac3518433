package io.cityseg.stage;

/** What a person is told when there was not enough memory. */
public final class MemoryAdvice {
  private MemoryAdvice() {}

  /** One line: what ran out, how much there is, and how to give more. */
  public static String of(OutOfMemoryError failure) {
    return "there was not enough memory (%s; the heap may grow to %,d MB); give Java more, as with CITYSEG_JAVA_OPTS=-Xmx4g, or on a cluster taskmanager.memory.task.heap.size"
        .formatted(failure.getMessage(), Runtime.getRuntime().maxMemory() >> 20);
  }
}
