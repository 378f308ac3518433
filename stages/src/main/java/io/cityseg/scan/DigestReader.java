package io.cityseg.scan;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.cityseg.store.Digest;
import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Goes through the file of a cache of digests, line by line. For one thread. */
final class DigestReader implements AutoCloseable {
  /** What the file begins with; the place follows, for people. */
  static final String FIRST_LINE = "cityseg digests 2 of ";

  /** What the last line begins with; the digest of all before it follows. */
  static final String LAST_LINE = "end ";

  private static final int LAST_LINE_BYTES = LAST_LINE.length() + 64 + 1;

  private final BufferedReader lines;
  private Optional<DigestLine> line;

  private DigestReader(BufferedReader lines) throws IOException {
    this.lines = lines;
    this.line = next();
  }

  /**
   * Opens a file.
   *
   * @throws IOException when it cannot be read
   * @throws IllegalArgumentException when it is damaged; the message says how
   */
  static DigestReader open(Path file) throws IOException {
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
      String expected = LAST_LINE + Digest.of(in, Files.size(file) - LAST_LINE_BYTES).hex() + "\n";
      if (!new String(in.readAllBytes(), UTF_8).equals(expected)) {
        throw new IllegalArgumentException("its content does not match its digest");
      }
    }
    BufferedReader lines = Files.newBufferedReader(file, UTF_8);
    try {
      String first = lines.readLine();
      if (first == null || !first.startsWith(FIRST_LINE)) {
        throw new IllegalArgumentException("its first line is another");
      }
      return new DigestReader(lines);
    } catch (IOException | IllegalArgumentException e) {
      lines.close();
      throw e;
    }
  }

  /** The line of the file with a path, where there is one; those before it are passed by. */
  Optional<DigestLine> find(String path) throws IOException {
    while (line.isPresent() && line.get().path().compareTo(path) < 0) {
      line = next();
    }
    return line.filter(found -> found.path().equals(path));
  }

  /** Takes the next line. */
  Optional<DigestLine> take() throws IOException {
    Optional<DigestLine> taken = line;
    if (taken.isPresent()) {
      line = next();
    }
    return taken;
  }

  private Optional<DigestLine> next() throws IOException {
    String text = lines.readLine();
    return text == null || text.startsWith(LAST_LINE)
        ? Optional.empty()
        : Optional.of(DigestLine.parse(text));
  }

  @Override
  public void close() throws IOException {
    lines.close();
  }
}
