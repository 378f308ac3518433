package io.cityseg.store;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * A SHA-256 digest.
 *
 * @param hex 64 lower-case hexadecimal digits
 */
public record Digest(String hex) {
  private static final Pattern FORM = Pattern.compile("[0-9a-f]{64}");
  private static final int BUFFER_BYTES = 1 << 17;

  /** The digest of no bytes at all. */
  static final Digest OF_NOTHING = of(new byte[0]);

  public Digest {
    if (!isValid(hex)) {
      throw new IllegalArgumentException(
          "Invalid digest: '" + hex + "' (must be 64 lower-case hexadecimal digits)");
    }
  }

  /** Whether a text is a digest. */
  public static boolean isValid(String hex) {
    return FORM.matcher(hex).matches();
  }

  /** The digest of some bytes. */
  public static Digest of(byte[] content) {
    return new Digest(HexFormat.of().formatHex(newSha256().digest(content)));
  }

  /** The digest of a file's content. */
  public static Digest of(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return of(in);
    }
  }

  /** The digest of the rest of a stream. */
  public static Digest of(InputStream in) throws IOException {
    return of(in, Long.MAX_VALUE);
  }

  /** The digest of the next bytes of a stream, at most so many. */
  public static Digest of(InputStream in, long limit) throws IOException {
    MessageDigest sha256 = newSha256();
    byte[] buffer = new byte[BUFFER_BYTES];
    long left = limit;
    while (left > 0) {
      int n = in.read(buffer, 0, (int) Math.min(buffer.length, left));
      if (n < 0) {
        break;
      }
      sha256.update(buffer, 0, n);
      left -= n;
    }
    return new Digest(HexFormat.of().formatHex(sha256.digest()));
  }

  /** The first twelve digits: enough for people. */
  public String abbreviated() {
    return hex.substring(0, 12);
  }

  @Override
  public String toString() {
    return hex;
  }

  static MessageDigest newSha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java runtime has SHA-256", e);
    }
  }
}
