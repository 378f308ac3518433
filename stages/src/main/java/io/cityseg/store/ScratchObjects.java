package io.cityseg.store;

import static java.util.Objects.requireNonNull;

import io.cityseg.files.FileFailures;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A storage to look and try things out in: what is created goes with the process, beside what
 * another storage has, which is not written to. What is deleted is only left out from then on.
 * Files are not copied, so they must not change. Thread-safe.
 */
public final class ScratchObjects implements ObjectStorage {
  private final ObjectStorage beneath;
  private final Map<String, Scratch> own = new ConcurrentSkipListMap<>();
  private final Set<String> hidden = ConcurrentHashMap.newKeySet();
  private final AtomicLong made = new AtomicLong();

  /** Bytes, or a file that has them; each one made has a number of its own. */
  private record Scratch(Optional<byte[]> bytes, Optional<Path> file, long size, long number) {}

  private Scratch scratch(byte[] content) {
    return new Scratch(
        Optional.of(content.clone()), Optional.empty(), content.length, made.incrementAndGet());
  }

  public ScratchObjects(ObjectStorage beneath) {
    this.beneath = requireNonNull(beneath, "beneath");
  }

  @Override
  public boolean createIfAbsent(String name, byte[] content) throws StoreException {
    return create(name, scratch(content));
  }

  @Override
  public boolean createIfAbsent(String name, Path content) throws StoreException {
    try {
      return create(
          name,
          new Scratch(
              Optional.empty(), Optional.of(content), Files.size(content), made.incrementAndGet()));
    } catch (IOException e) {
      throw new StoreException(
          "Cannot read %s to store it as %s: %s".formatted(content, name, FileFailures.reason(e)),
          e);
    }
  }

  private boolean create(String name, Scratch scratch) throws StoreException {
    return statBeneath(name).isEmpty() && own.putIfAbsent(name, scratch) == null;
  }

  @Override
  public void replace(String name, byte[] content) {
    own.put(ObjectNames.require(name), scratch(content));
  }

  @Override
  public Optional<byte[]> read(String name, long limit) throws StoreException {
    Scratch scratch = own.get(ObjectNames.require(name));
    if (scratch == null) {
      return hidden.contains(name) ? Optional.empty() : beneath.read(name, limit);
    }
    if (scratch.size() > Math.min(limit, ArtifactStore.MAX_IN_MEMORY_BYTES)) {
      throw new StoreException(
          "Cannot read %s from what was made here for %s: it has %d bytes, and at most %d are expected"
              .formatted(name, location(), scratch.size(), limit));
    }
    try (InputStream in = stream(scratch)) {
      return Optional.of(in.readAllBytes());
    } catch (IOException e) {
      throw unreadable(name, e);
    }
  }

  @Override
  public Optional<InputStream> open(String name) throws StoreException {
    Scratch scratch = own.get(ObjectNames.require(name));
    if (scratch == null) {
      return hidden.contains(name) ? Optional.empty() : beneath.open(name);
    }
    try {
      return Optional.of(stream(scratch));
    } catch (IOException e) {
      throw unreadable(name, e);
    }
  }

  private static InputStream stream(Scratch scratch) throws IOException {
    return scratch.bytes().isPresent()
        ? new ByteArrayInputStream(scratch.bytes().get())
        : Files.newInputStream(scratch.file().orElseThrow());
  }

  @Override
  public Optional<ObjectEntry> stat(String name) throws StoreException {
    Scratch scratch = own.get(ObjectNames.require(name));
    return scratch == null ? statBeneath(name) : Optional.of(new ObjectEntry(name, scratch.size()));
  }

  private Optional<ObjectEntry> statBeneath(String name) throws StoreException {
    return hidden.contains(ObjectNames.require(name)) ? Optional.empty() : beneath.stat(name);
  }

  @Override
  public List<ObjectEntry> list(String prefix) throws StoreException {
    List<ObjectEntry> entries = new ArrayList<>(beneath.list(prefix));
    entries.removeIf(entry -> hidden.contains(entry.name()) || own.containsKey(entry.name()));
    own.forEach(
        (name, scratch) -> {
          if (isBelow(prefix, name)) {
            entries.add(new ObjectEntry(name, scratch.size()));
          }
        });
    entries.sort(Comparator.comparing(ObjectEntry::name));
    return List.copyOf(entries);
  }

  @Override
  public List<ObjectState> states(String prefix) throws StoreException {
    List<ObjectState> states = new ArrayList<>(beneath.states(prefix));
    states.removeIf(state -> hidden.contains(state.name()) || own.containsKey(state.name()));
    own.forEach(
        (name, scratch) -> {
          if (isBelow(prefix, name)) {
            states.add(new ObjectState(name, scratch.size(), "scratch-" + scratch.number()));
          }
        });
    states.sort(Comparator.comparing(ObjectState::name));
    return List.copyOf(states);
  }

  @Override
  public Duration pace() {
    return beneath.pace();
  }

  @Override
  public boolean delete(String name) throws StoreException {
    boolean there = stat(name).isPresent();
    own.remove(name);
    hidden.add(name);
    return there;
  }

  @Override
  public Optional<VerifiedFile> file(String name, Digest expected) throws StoreException {
    Scratch scratch = own.get(ObjectNames.require(name));
    if (scratch == null) {
      return hidden.contains(name) ? Optional.empty() : beneath.file(name, expected);
    }
    try {
      Path file =
          scratch.file().isPresent()
              ? scratch.file().get()
              : Files.write(
                  Files.createTempFile("cityseg-", ".scratch"), scratch.bytes().orElseThrow());
      if (scratch.file().isEmpty()) {
        file.toFile().deleteOnExit();
      }
      return Optional.of(new VerifiedFile(file, Digest.of(file), true));
    } catch (IOException e) {
      throw unreadable(name, e);
    }
  }

  @Override
  public Optional<Checked> check(String name, Digest expected) throws StoreException {
    Scratch scratch = own.get(ObjectNames.require(name));
    if (scratch == null) {
      return hidden.contains(name) ? Optional.empty() : beneath.check(name, expected);
    }
    try (InputStream in = stream(scratch)) {
      return Optional.of(new Checked(Digest.of(in), scratch.size()));
    } catch (IOException e) {
      throw unreadable(name, e);
    }
  }

  @Override
  public <T> List<T> sendAll(List<Request<T>> requests) throws StoreException {
    return beneath.sendAll(requests);
  }

  @Override
  public void lookAhead(Collection<String> names) throws StoreException {
    beneath.lookAhead(names.stream().filter(name -> !own.containsKey(name)).toList());
  }

  /** As files are not copied, this one stays as long as what may be created from it. */
  @Override
  public TemporaryFile temporaryFile() throws StoreException {
    return ObjectStorage.super.temporaryFile().untilExit();
  }

  @Override
  public String location() {
    return beneath.location();
  }

  private static boolean isBelow(String prefix, String name) {
    return prefix.isEmpty() || name.startsWith(prefix + "/");
  }

  private static StoreException unreadable(String name, IOException e) {
    return new StoreException(
        "Cannot read %s that was made just now: %s".formatted(name, FileFailures.reason(e)), e);
  }
}
