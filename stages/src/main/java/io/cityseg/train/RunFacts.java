package io.cityseg.train;

import ai.djl.Device;
import io.cityseg.model.TorchEngine;
import io.cityseg.proto.ExecutionFacts;
import io.cityseg.stage.StageException;
import io.cityseg.store.ActionKeys;
import java.net.InetAddress;
import java.net.UnknownHostException;

/** Where and when an epoch is trained, for its record. Nothing depends on it. */
final class RunFacts {
  private static final String UNKNOWN = "unknown";

  private final String runId;
  private final Device device;
  private final long startedAtMillis = System.currentTimeMillis();

  /** Begins now. */
  RunFacts(String runId, Device device) {
    this.runId = runId;
    this.device = device;
  }

  /** What is known at the end, which is now. */
  ExecutionFacts facts() throws StageException {
    String version = RunFacts.class.getPackage().getImplementationVersion();
    return ExecutionFacts.newBuilder()
        .setHost(host())
        .setStartedAtMillis(startedAtMillis)
        .setDurationMillis(System.currentTimeMillis() - startedAtMillis)
        .setDevice(device.getDeviceType())
        .setThreads(TorchEngine.threads())
        .addVersions(ActionKeys.parameter("cityseg", version == null ? UNKNOWN : version))
        .addVersions(ActionKeys.parameter("java", Runtime.version().toString()))
        .setRunId(runId)
        .build();
  }

  private static String host() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return UNKNOWN; // a machine need not know its own name
    }
  }
}
