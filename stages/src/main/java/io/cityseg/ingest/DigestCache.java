package io.cityseg.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;

import io.cityseg.store.Digest;
import io.cityseg.store.S3Objects.ObjectVersion;
import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Remembers the digests of files between two scans, so that an unchanged data set is not read
 * again.
 *
 * <p>A digest is believed while the file's path, size, time of modification and file key (device
 * and inode) are those it was computed for. One rule comes from git ("racy git", {@code
 * Documentation/technical/racy-git.txt}): a file that was modified less than two seconds before it
 * was read is not remembered, because it can be written once more without its time changing, on
 * file systems with coarse times. What is left: a file that is changed and then given its old time
 * and size on purpose. Ingest notices, because it verifies each file's digest when it reads it.
 *
 * <p>Of an object in a bucket, size, time and ETag are compared. Servers change the ETag with the
 * content, whatever the ETag is made from; one that is read while it is replaced is read as one
 * version or the other, and fails where that is not the listed one.
 *
 * <p>The file is text: a first line, one line an entry, and a last line with the digest of all that
 * is before it. A damaged or missing file is an empty cache, with a warning when it is damaged. It
 * is replaced as a whole; of two scans that save at once the later one wins, which costs time only.
 * Thread-safe.
 */
public final class DigestCache {
  private static final Logger LOG = LoggerFactory.getLogger(DigestCache.class);
  private static final String FIRST_LINE = "cityseg digests 1";
  private static final String LAST_LINE = "end ";
  private static final int LAST_LINE_BYTES = LAST_LINE.length() + 64 + 1;
  private static final Duration RACY = Duration.ofSeconds(2);

  private final Path file;
  private final ConcurrentSkipListMap<String, Entry> entries;

  private DigestCache(Path file, Map<String, Entry> entries) {
    this.file = file;
    this.entries = new ConcurrentSkipListMap<>(entries);
  }

  private record Entry(Digest digest, Stamp stamp) {}

  /** What is compared of a file, in the form in which it is written. */
  private record Stamp(String text) {
    static Stamp of(ObjectVersion version) {
      return new Stamp(
          version.size()
              + " "
              + version.modifiedAt().toEpochMilli()
              + " "
              + version.etag().replaceAll("\\s", "_"));
    }

    static Stamp of(BasicFileAttributes attributes) {
      Object key = attributes.fileKey();
      return new Stamp(
          attributes.size()
              + " "
              + attributes.lastModifiedTime().to(TimeUnit.NANOSECONDS)
              + " "
              + (key == null ? "-" : key.toString().replaceAll("\\s", "_")));
    }
  }

  /** Opens the cache that is kept in a file, which need not exist. */
  public static DigestCache open(Path file) {
    try {
      return new DigestCache(file, read(file));
    } catch (NoSuchFileException e) {
      return new DigestCache(file, Map.of());
    } catch (IOException | IllegalArgumentException e) {
      LOG.warn("Ignoring the cache of digests {}, which cannot be used: {}", file, e.toString());
      return new DigestCache(file, Map.of());
    }
  }

  /** A digest that is still good for a file with these attributes. */
  Optional<Digest> lookup(Path path, BasicFileAttributes attributes) {
    Entry entry = entries.get(path.toString());
    return entry != null && entry.stamp().equals(Stamp.of(attributes))
        ? Optional.of(entry.digest())
        : Optional.empty();
  }

  /**
   * Remembers a digest, unless the file was or may have been changing while it was read.
   *
   * @param before the file's attributes before it was read
   * @param after the file's attributes after it was read
   * @param readAt when reading began
   */
  void remember(
      Path path,
      Digest digest,
      BasicFileAttributes before,
      BasicFileAttributes after,
      Instant readAt) {
    Stamp stamp = Stamp.of(before);
    boolean racy = before.lastModifiedTime().toInstant().isAfter(readAt.minus(RACY));
    if (racy || !stamp.equals(Stamp.of(after)) || path.toString().indexOf('\n') >= 0) {
      entries.remove(path.toString());
    } else {
      entries.put(path.toString(), new Entry(digest, stamp));
    }
  }

  /** A digest that is still good for an object in a bucket: its version tells its content. */
  Optional<Digest> lookup(String address, ObjectVersion version) {
    Entry entry = entries.get(address);
    return entry != null && entry.stamp().equals(Stamp.of(version))
        ? Optional.of(entry.digest())
        : Optional.empty();
  }

  /** Remembers the digest of an object in a bucket, of exactly this version. */
  void remember(String address, ObjectVersion version, Digest digest) {
    entries.put(address, new Entry(digest, Stamp.of(version)));
  }

  /** Forgets the files beneath a folder that are no longer there. */
  void keepOnly(Path folder, List<Path> present) {
    String prefix = folder + folder.getFileSystem().getSeparator();
    var kept = present.stream().map(Path::toString).collect(Collectors.toSet());
    entries.keySet().removeIf(path -> path.startsWith(prefix) && !kept.contains(path));
  }

  /**
   * Writes the cache to its file. A cache that cannot be written costs time and nothing else, so it
   * is a warning.
   */
  void save() {
    try {
      Path target = file.toAbsolutePath();
      Files.createDirectories(target.getParent());
      Path next = Files.createTempFile(target.getParent(), target.getFileName().toString(), ".new");
      try {
        write(next);
        Files.move(next, target, ATOMIC_MOVE, REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(next);
      }
    } catch (IOException e) {
      LOG.warn(
          "Cannot write the cache of digests {}: {}; it will be read anew", file, e.toString());
    }
  }

  /** Line by line: of a large data set, the file is larger than the heap has room for. */
  private void write(Path next) throws IOException {
    try (BufferedWriter out = Files.newBufferedWriter(next, UTF_8)) {
      out.write(FIRST_LINE + "\n");
      for (Map.Entry<String, Entry> entry : entries.entrySet()) {
        out.write(entry.getValue().digest().hex());
        out.write(" " + entry.getValue().stamp().text() + " ");
        out.write(entry.getKey() + "\n");
      }
    }
    Files.writeString(next, LAST_LINE + Digest.of(next).hex() + "\n", StandardOpenOption.APPEND);
  }

  private static Map<String, Entry> read(Path file) throws IOException {
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
      String expected = LAST_LINE + Digest.of(in, Files.size(file) - LAST_LINE_BYTES).hex() + "\n";
      if (!new String(in.readAllBytes(), UTF_8).equals(expected)) {
        throw new IllegalArgumentException("its content does not match its digest");
      }
    }
    Map<String, Entry> entries = new TreeMap<>();
    try (BufferedReader lines = Files.newBufferedReader(file, UTF_8)) {
      if (!FIRST_LINE.equals(lines.readLine())) {
        throw new IllegalArgumentException("its first line is another");
      }
      for (String line = lines.readLine();
          line != null && !line.startsWith(LAST_LINE);
          line = lines.readLine()) {
        parseLine(line, entries);
      }
    }
    return entries;
  }

  private static void parseLine(String line, Map<String, Entry> entries) {
    String[] parts = line.split(" ", 5);
    if (parts.length != 5) {
      throw new IllegalArgumentException("it has the line '" + line + "'");
    }
    Stamp stamp = new Stamp(parts[1] + " " + parts[2] + " " + parts[3]);
    entries.put(parts[4], new Entry(new Digest(parts[0]), stamp));
  }
}
