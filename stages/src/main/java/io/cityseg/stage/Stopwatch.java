package io.cityseg.stage;

import io.cityseg.proto.ExecutionFacts;
import io.cityseg.store.ActionKeys;
import io.cityseg.store.ThisHost;

/**
 * Where and when something is computed, for its record. Informs, and decides nothing.
 *
 * @param startedAtMillis since 1970-01-01T00:00:00Z
 */
public record Stopwatch(String runId, long startedAtMillis) {
  /** Starts now. */
  public static Stopwatch start(String runId) {
    return new Stopwatch(runId, System.currentTimeMillis());
  }

  /** The facts, with the time from the start to now. */
  public ExecutionFacts facts() {
    return ExecutionFacts.newBuilder()
        .setHost(ThisHost.name().orElse("unknown"))
        .setStartedAtMillis(startedAtMillis)
        .setDurationMillis(System.currentTimeMillis() - startedAtMillis)
        .addVersions(ActionKeys.parameter("cityseg", version()))
        .addVersions(ActionKeys.parameter("java", Runtime.version().toString()))
        .setRunId(runId)
        .build();
  }

  /** The version of cityseg, from the jar's manifest; "development" when it runs from classes. */
  public static String version() {
    String version = Stopwatch.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }
}
