package io.cityseg.run;

import io.cityseg.proto.ExecutionFacts;
import io.cityseg.store.ActionKeys;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;

/** Facts about where and how long something was computed; they inform, and decide nothing. */
public final class Facts {
  private Facts() {}

  /** Facts of a computation that began at {@code startedAtMillis} and ends now. */
  public static ExecutionFacts since(long startedAtMillis, String runId) {
    return ExecutionFacts.newBuilder()
        .setHost(host())
        .setStartedAtMillis(startedAtMillis)
        .setDurationMillis(System.currentTimeMillis() - startedAtMillis)
        .addVersions(ActionKeys.parameter("cityseg", version()))
        .addVersions(ActionKeys.parameter("java", Runtime.version().toString()))
        .setRunId(runId)
        .build();
  }

  /** This machine's name, or "unknown". */
  public static String host() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      // a machine without a resolvable name is common in containers
      return "unknown";
    }
  }

  /** The version of cityseg, from the jar's manifest; "development" when it runs from classes. */
  public static String version() {
    return Optional.ofNullable(Facts.class.getPackage().getImplementationVersion())
        .orElse("development");
  }
}
