package io.cityseg.stage;

import io.cityseg.proto.Progress;

/** Where a stage says how far it is. Telling is cheap and may be dropped: nothing depends on it. */
@FunctionalInterface
public interface ProgressSink {
  /** Listens to nobody. */
  ProgressSink NONE = progress -> {};

  /** Says how far the stage is. */
  void tell(Progress progress);
}
