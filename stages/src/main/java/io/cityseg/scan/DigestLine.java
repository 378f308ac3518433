package io.cityseg.scan;

import io.cityseg.store.Digest;

/**
 * A line of a cache of digests: what is known of a file. It is {@code <SHA-256> <size in bytes>
 * <modified, ns since 1970> <identity> <path>}.
 *
 * @param path relative to the place, with '/' between names
 * @param version the file's when it was read
 * @param digest of its content
 */
record DigestLine(String path, FileVersion version, Digest digest) {
  /** Whether a file can have a line: what ends one may be in a name. */
  static boolean hasRoomFor(FoundFile file) {
    return file.path().indexOf('\n') < 0 && file.path().indexOf('\r') < 0;
  }

  /** Reads a line, without its end. */
  static DigestLine parse(String text) {
    String[] parts = text.split(" ", 5);
    if (parts.length != 5) {
      throw new IllegalArgumentException("it has the line '" + text + "'");
    }
    return new DigestLine(
        parts[4],
        new FileVersion(Long.parseLong(parts[1]), Long.parseLong(parts[2]), parts[3]),
        new Digest(parts[0]));
  }

  /** The line, without its end. */
  String text() {
    return digest
        + " "
        + version.size()
        + " "
        + version.modified()
        + " "
        + version.identity()
        + " "
        + path;
  }
}
