package io.cityseg.store;

import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/**
 * An object as a stream of pieces that are fetched one by one, each again when it fails: a reader
 * may be as slow as it likes. At most one piece is in memory. For one thread.
 */
final class S3Stream extends InputStream {
  private static final int PIECE_BYTES = 4 << 20;

  private final S3Download download;
  private final S3Connection connection;
  private final String key;
  private final long total;
  private final String etag;
  private byte[] piece;
  private int at;
  private long fetched;

  private S3Stream(
      S3Download download, S3Connection connection, String key, S3Download.Range first) {
    this.download = download;
    this.connection = connection;
    this.key = key;
    this.total = first.total();
    this.etag = first.etag();
    this.piece = first.content();
    this.fetched = piece.length;
  }

  static S3Stream open(S3Download download, String key, S3Connection connection)
      throws S3Exception, StoreException {
    return new S3Stream(
        download, connection, key, download.range(key, 0, PIECE_BYTES, Optional.empty()));
  }

  @Override
  public int read() throws IOException {
    return ready() ? piece[at++] & 0xff : -1;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (!ready()) {
      return -1;
    }
    int n = Math.min(length, piece.length - at);
    System.arraycopy(piece, at, target, offset, n);
    at += n;
    return n;
  }

  private boolean ready() throws IOException {
    if (at < piece.length) {
      return true;
    }
    if (fetched >= total) {
      return false;
    }
    try {
      long length = Math.min(PIECE_BYTES, total - fetched);
      piece = download.range(key, fetched, length, Optional.of(etag)).content();
      fetched += piece.length;
      at = 0;
      return true;
    } catch (S3Exception e) {
      StoreException failure =
          S3Failures.of(connection, "Cannot read %s from the store".formatted(key), e);
      throw new IOException(failure.getMessage(), failure);
    } catch (StoreException e) {
      throw new IOException(e.getMessage(), e);
    }
  }
}
