package io.cityseg.run;

import static java.util.Objects.requireNonNull;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a Flink cluster's master answers.
 *
 * @param host a name or an IPv4 address
 * @param port of its REST interface, 1 to 65535
 */
public record MasterAddress(String host, int port) {
  private static final Pattern TEXT = Pattern.compile("([A-Za-z0-9._-]{1,253}):([0-9]{1,5})");

  public MasterAddress {
    requireNonNull(host, "host");
    if (port < 1 || port > 65535) {
      throw new IllegalArgumentException("Invalid port: " + port + " (must be 1 to 65535)");
    }
  }

  /**
   * Reads HOST:PORT.
   *
   * @throws IllegalArgumentException when it is something else; the message says so to the user
   */
  public static MasterAddress parse(String text) {
    Matcher parts = TEXT.matcher(text);
    if (!parts.matches()) {
      throw new IllegalArgumentException(
          "Invalid Flink master: '%s' (must be HOST:PORT, as 127.0.0.1:8081)".formatted(text));
    }
    return new MasterAddress(parts.group(1), Integer.parseInt(parts.group(2)));
  }

  @Override
  public String toString() {
    return host + ":" + port;
  }
}
