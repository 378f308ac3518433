package io.cityseg.store;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;

/** The machine that this process runs on. */
public final class ThisHost {
  private ThisHost() {}

  /** Its name; nothing where it has none that can be resolved, as in some containers. */
  public static Optional<String> name() {
    try {
      return Optional.of(InetAddress.getLocalHost().getHostName());
    } catch (UnknownHostException e) {
      return Optional.empty();
    }
  }
}
