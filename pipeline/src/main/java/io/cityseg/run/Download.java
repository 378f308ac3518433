package io.cityseg.run;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
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
      if (connection.getResponseCode() != HttpURLConnection.HTTP_OK) {
        throw new IOException(
            "%s answers %d (must be 200)".formatted(shown(address), connection.getResponseCode()));
      }
      long length = connection.getContentLengthLong();
      if (length > MAX_BYTES) {
        throw new IOException(
            "%s has %d bytes (must be at most %d)".formatted(shown(address), length, MAX_BYTES));
      }
      try (InputStream in = connection.getInputStream();
          OutputStream out = Files.newOutputStream(file)) {
        return copy(in, out, length, notices);
      }
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
    for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
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
      throw new IOException("it ended after %d of %d bytes".formatted(total, length));
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }
}
