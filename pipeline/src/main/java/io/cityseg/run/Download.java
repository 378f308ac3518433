package io.cityseg.run;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.function.Consumer;

/** Fetches one file over http or https. */
final class Download {
  private static final int TIMEOUT_MILLIS = 60_000;
  private static final int BUFFER = 1 << 16;
  private static final int REDIRECTION = 3;
  private static final long NOTICE_INTERVAL_NANOS = 5_000_000_000L;

  /** Above any file of weights, so that an endless answer does not fill the disk. */
  private static final long MAX_BYTES = 8L << 30;

  private Download() {}

  /** An address as it may be shown: without the user, the query and their secrets. */
  static String shown(URI address) {
    return address.getScheme() + "://" + address.getHost() + address.getPath();
  }

  /**
   * Fetches what is at an address into a file.
   *
   * @return its SHA-256
   * @throws IOException when there is none, or it is not whole
   */
  static String to(URI address, Path file, Consumer<String> notices) throws IOException {
    HttpURLConnection connection = (HttpURLConnection) address.toURL().openConnection();
    connection.setConnectTimeout(TIMEOUT_MILLIS);
    connection.setReadTimeout(TIMEOUT_MILLIS);
    try {
      int code = connection.getResponseCode();
      if (code / 100 == REDIRECTION) {
        throw new IOException(
            "it answers %d and points to %s, which is not followed (another protocol, or in a circle)"
                .formatted(code, connection.getHeaderField("Location")));
      }
      if (code != HttpURLConnection.HTTP_OK) {
        throw new IOException("it answers %d (must be 200)".formatted(code));
      }
      long length = connection.getContentLengthLong();
      if (length > MAX_BYTES) {
        throw new IOException("it has %d bytes (must be at most %d)".formatted(length, MAX_BYTES));
      }
      try (InputStream in = connection.getInputStream();
          OutputStream out = Files.newOutputStream(file)) {
        return copy(in, out, length, notices);
      }
    } catch (UnknownHostException e) {
      throw new IOException("there is no host " + e.getMessage(), e);
    } finally {
      connection.disconnect();
    }
  }

  private static String copy(
      InputStream in, OutputStream out, long length, Consumer<String> notices) throws IOException {
    MessageDigest digest = sha256();
    byte[] buffer = new byte[BUFFER];
    long total = 0;
    long toldAt = System.nanoTime();
    for (int read = read(in, buffer, 0, length);
        read >= 0;
        read = read(in, buffer, total, length)) {
      total += read;
      if (total > MAX_BYTES) {
        throw new IOException("there are more than " + MAX_BYTES + " bytes");
      }
      digest.update(buffer, 0, read);
      out.write(buffer, 0, read);
      if (System.nanoTime() - toldAt > NOTICE_INTERVAL_NANOS) {
        toldAt = System.nanoTime();
        notices.accept(
            "fetched %d of %s MB".formatted(total >> 20, length < 0 ? "?" : length >> 20));
      }
    }
    if (length >= 0 && total != length) {
      throw brokenOff(total, length, "the connection was closed", null);
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static int read(InputStream in, byte[] buffer, long before, long length)
      throws IOException {
    try {
      return in.read(buffer);
    } catch (IOException e) {
      throw brokenOff(before, length, e.getMessage(), e);
    }
  }

  private static IOException brokenOff(long after, long length, String why, Throwable cause) {
    return new IOException(
        "it broke off after %d of %s bytes (%s); try again"
            .formatted(after, length < 0 ? "?" : length, why),
        cause);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }
}
