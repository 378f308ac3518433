package io.cityseg.scan;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static java.util.Objects.requireNonNull;

import io.cityseg.store.Digest;
import io.cityseg.store.StoreException;
import io.cityseg.store.TemporaryFile;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Remembers the digests of a place's files from one scan to the next, so that an unchanged data set
 * is not read again. A digest is believed while the file has the {@link FileVersion} that it was
 * computed for. What is left: a file that is changed and then given its old time and size on
 * purpose. Ingest notices, because it verifies each file's digest when it reads it.
 *
 * <p>Each place has a file of its own, which is text: a first line, one line a file in ascending
 * order of path, and a last line with the digest of all that is before it. It is read and written
 * beside the scan, which goes through the files in the same order, so it is never whole in memory.
 * A damaged or missing one is an empty cache, with a warning when it is damaged; one that cannot be
 * written costs time and nothing else, and is a warning. It is replaced as a whole; of two scans
 * that end at once the later one wins. For one thread.
 */
final class DigestCache implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DigestCache.class);

  private final Path file;
  private Optional<DigestReader> known;
  private Optional<Writing> writing;
  private boolean hasLines;

  private DigestCache(Path file, Optional<DigestReader> known, Optional<Writing> writing) {
    this.file = requireNonNull(file, "file");
    this.known = requireNonNull(known, "known");
    this.writing = requireNonNull(writing, "writing");
  }

  private record Writing(TemporaryFile file, BufferedWriter out) {}

  /**
   * Begins a scan.
   *
   * @param folder where the caches are; made when it is missing
   * @param place what the place is called at every scan
   */
  static DigestCache open(Path folder, String place) {
    Path file = folder.resolve(Digest.of(place.getBytes(UTF_8)).hex());
    return new DigestCache(file, known(file), writing(folder, place));
  }

  private static Optional<DigestReader> known(Path file) {
    try {
      return Optional.of(DigestReader.open(file));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException | IllegalArgumentException e) {
      unusable(file, e);
      return Optional.empty();
    }
  }

  private static Optional<Writing> writing(Path folder, String place) {
    try {
      TemporaryFile next = TemporaryFile.in(folder);
      BufferedWriter out = Files.newBufferedWriter(next.path(), UTF_8);
      out.write(DigestReader.FIRST_LINE + place.replace('\n', ' ') + "\n");
      return Optional.of(new Writing(next, out));
    } catch (StoreException e) {
      unwritable(folder, e.getCause() == null ? e : e.getCause());
      return Optional.empty();
    } catch (IOException e) {
      unwritable(folder, e);
      return Optional.empty();
    }
  }

  private static void unusable(Path file, Exception e) {
    LOG.warn("Ignoring the cache of digests {}, which cannot be used: {}", file, e.toString());
  }

  private static void unwritable(Path file, Throwable cause) {
    LOG.warn(
        "Cannot write the cache of digests {}: {}; the files will be read anew next time",
        file,
        cause.toString());
  }

  /**
   * A digest that is still good for a file. Files are asked for in ascending order of path; those
   * that are left out are forgotten.
   */
  Optional<Digest> lookup(FoundFile found) {
    if (known.isEmpty()) {
      return Optional.empty();
    }
    try {
      return known
          .get()
          .find(found.path())
          .filter(line -> line.version().equals(found.version()))
          .map(DigestLine::digest);
    } catch (IOException | IllegalArgumentException e) {
      unusable(file, e);
      closeKnown();
      return Optional.empty();
    }
  }

  /** Remembers a digest, in ascending order of path, whether or not it was known. */
  void remember(FoundFile found, Digest digest) {
    if (DigestLine.hasRoomFor(found)) {
      write(new DigestLine(found.path(), found.version(), digest));
    }
  }

  private void write(DigestLine line) {
    if (writing.isEmpty()) {
      return;
    }
    try {
      writing.get().out().write(line.text() + "\n");
      hasLines = true;
    } catch (IOException e) {
      unwritable(file, e);
      discard();
    }
  }

  /** Replaces the file: the scan has come to its end. */
  void save() {
    if (writing.isEmpty()) {
      return;
    }
    try {
      writing.get().out().close();
      Path next = writing.get().file().path();
      String last = DigestReader.LAST_LINE + Digest.of(next).hex() + "\n";
      Files.writeString(next, last, StandardOpenOption.APPEND);
      Files.move(next, file, ATOMIC_MOVE, REPLACE_EXISTING);
    } catch (IOException e) {
      unwritable(file, e);
    }
    discard();
  }

  /**
   * Ends the scan. One that broke off keeps what it has learned, and what was known of the files
   * that it did not come to.
   */
  @Override
  public void close() {
    if (writing.isPresent() && hasLines) {
      writeRest();
      save();
    }
    discard();
    closeKnown();
  }

  private void writeRest() {
    if (known.isEmpty()) {
      return;
    }
    try {
      for (Optional<DigestLine> line = known.get().take();
          line.isPresent();
          line = known.get().take()) {
        write(line.get());
      }
    } catch (IOException | IllegalArgumentException e) {
      unusable(file, e);
    }
  }

  /** Deletes what did not become the file. */
  private void discard() {
    if (writing.isEmpty()) {
      return;
    }
    try {
      writing.get().out().close();
    } catch (IOException e) {
      LOG.debug("Cannot finish what is deleted", e);
    }
    try {
      writing.get().file().close();
    } catch (StoreException e) {
      LOG.warn(e.getMessage());
    }
    writing = Optional.empty();
  }

  private void closeKnown() {
    if (known.isEmpty()) {
      return;
    }
    try {
      known.get().close();
    } catch (IOException e) {
      LOG.debug("Cannot close {}", file, e);
    }
    known = Optional.empty();
  }
}
