package io.cityseg.store;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Objects that were seen to be there a moment ago, so that walking the same manifests again costs
 * no requests. One that somebody deleted meanwhile is missed when it is read, which is mended by
 * running again. Thread-safe.
 */
final class SeenObjects {
  private static final Duration MOMENT = Duration.ofSeconds(30);

  /** About 50 MB; more is forgotten all at once. */
  private static final int MAX = 200_000;

  private final Map<String, Sighting> sightings = new ConcurrentHashMap<>();

  private record Sighting(ObjectStorage.ObjectEntry entry, long at) {}

  void add(ObjectStorage.ObjectEntry entry) {
    if (sightings.size() >= MAX) {
      sightings.clear();
    }
    sightings.put(entry.name(), new Sighting(entry, System.nanoTime()));
  }

  void remove(String name) {
    sightings.remove(name);
  }

  Optional<ObjectStorage.ObjectEntry> find(String name) {
    Sighting sighting = sightings.get(name);
    if (sighting == null || System.nanoTime() - sighting.at() > MOMENT.toNanos()) {
      return Optional.empty();
    }
    return Optional.of(sighting.entry());
  }
}
