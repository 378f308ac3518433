package io.cityseg.store;

import java.time.Duration;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * How large transfers are cut and how long a server that does not answer is borne with.
 *
 * @param partBytes objects above this are sent and fetched in parts of this size; at least 5 MiB,
 *     the least that servers take
 * @param parallelRequests how many requests of one process are under way at most when it sends or
 *     fetches parts, or looks for many objects
 * @param patience how long a failing request is repeated
 * @param openPatience the same for the first request of all, where a wrong endpoint is likelier
 *     than an outage
 * @param firstPause the pause before the first repetition; each one doubles, up to five seconds
 * @param timeout how long a connection may be silent
 */
record S3Limits(
    long partBytes,
    int parallelRequests,
    Duration patience,
    Duration openPatience,
    Duration firstPause,
    Duration timeout) {
  static final long MIN_PART_BYTES = 5L << 20;

  private static final String PATIENCE = "CITYSEG_S3_PATIENCE";

  static final S3Limits DEFAULT =
      new S3Limits(
          16L << 20,
          16,
          Duration.ofSeconds(90),
          Duration.ofSeconds(5),
          Duration.ofMillis(100),
          Duration.ofSeconds(30));

  S3Limits {
    if (partBytes < MIN_PART_BYTES) {
      throw new IllegalArgumentException(
          "Invalid part size: %d (must be at least %d)".formatted(partBytes, MIN_PART_BYTES));
    }
    if (parallelRequests < 1) {
      throw new IllegalArgumentException(
          "Invalid number of parallel requests: " + parallelRequests + " (must be at least 1)");
    }
  }

  /**
   * The same with the patience that {@code CITYSEG_S3_PATIENCE} says in seconds, if it does; the
   * first request's stays where it is the shorter one.
   *
   * @throws StoreException when it is no number of seconds
   */
  S3Limits withPatienceOf(UnaryOperator<String> environment) throws StoreException {
    Optional<String> seconds = S3Address.variable(environment, PATIENCE);
    if (seconds.isEmpty()) {
      return this;
    }
    if (!seconds.get().matches("[0-9]{1,6}")) {
      throw new StoreException(
          "Invalid %s: '%s' (must be a number of seconds, 0 to 999999)"
              .formatted(PATIENCE, seconds.get()));
    }
    Duration longest = Duration.ofSeconds(Long.parseLong(seconds.get()));
    Duration first = openPatience.compareTo(longest) < 0 ? openPatience : longest;
    return new S3Limits(partBytes, parallelRequests, longest, first, firstPause, timeout);
  }

  S3Limits withPatience(Duration longest, Duration pause, Duration silence) {
    return new S3Limits(partBytes, parallelRequests, longest, longest, pause, silence);
  }

  S3Limits withPartBytes(long bytes) {
    return new S3Limits(bytes, parallelRequests, patience, openPatience, firstPause, timeout);
  }
}
