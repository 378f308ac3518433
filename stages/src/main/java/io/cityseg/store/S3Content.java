package io.cityseg.store;

import io.cityseg.files.FileFailures;
import io.minio.Http;
import io.minio.PutObjectAPIBaseArgs;
import java.io.EOFException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;

/**
 * What is to be stored: bytes, or a file of which never more than a buffer is in memory. Each slice
 * goes with its digests, so that the server refuses bytes that were damaged on the way or changed
 * after they were hashed.
 */
sealed interface S3Content {
  /** Number of bytes. */
  long size();

  /** Hands out a slice for one request. The slice must not be used afterwards. */
  <T> T send(long offset, long length, Sender<T> sender) throws Exception;

  /** One request that sends a slice. */
  interface Sender<T> {
    T send(Slice slice) throws Exception;
  }

  /** Gives a request its body. */
  interface Slice {
    <B extends PutObjectAPIBaseArgs.Builder<B, A>, A extends PutObjectAPIBaseArgs> B body(
        B request);

    /** The headers with which the server checks what it receives. */
    Http.Headers checks();
  }

  /**
   * The headers of a digest: SHA-256 is signed with the request, MD5 is checked by every server.
   */
  private static Http.Headers checks(MessageDigest sha256, MessageDigest md5) {
    Http.Headers headers =
        new Http.Headers(
            Http.Headers.X_AMZ_CONTENT_SHA256, HexFormat.of().formatHex(sha256.digest()));
    headers.put(Http.Headers.CONTENT_MD5, Base64.getEncoder().encodeToString(md5.digest()));
    return headers;
  }

  private static MessageDigest newMd5() {
    try {
      return MessageDigest.getInstance("MD5");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java runtime has MD5", e);
    }
  }

  /** Content in memory. */
  @SuppressWarnings("ArrayRecordComponent") // compared by nobody
  record Bytes(byte[] content) implements S3Content {
    @Override
    public long size() {
      return content.length;
    }

    @Override
    public <T> T send(long offset, long length, Sender<T> sender) throws Exception {
      byte[] slice =
          length == content.length
              ? content
              : Arrays.copyOfRange(content, (int) offset, (int) (offset + length));
      MessageDigest sha256 = Digest.newSha256();
      MessageDigest md5 = newMd5();
      sha256.update(slice);
      md5.update(slice);
      Http.Headers checks = checks(sha256, md5);
      return sender.send(
          new Slice() {
            @Override
            public <B extends PutObjectAPIBaseArgs.Builder<B, A>, A extends PutObjectAPIBaseArgs>
                B body(B request) {
              return request.data(slice, slice.length);
            }

            @Override
            public Http.Headers checks() {
              return checks;
            }
          });
    }
  }

  /** A file's content. */
  record File(Path path, long size, String name) implements S3Content {
    private static final int BUFFER_BYTES = 1 << 17;

    /** The content of a file that is to become the object of that name. */
    static File of(Path path, String name) throws StoreException {
      try {
        if (Files.isDirectory(path)) {
          throw new IOException("it is a folder, not a file");
        }
        return new File(path, Files.size(path), name);
      } catch (IOException e) {
        throw unreadable(path, name, e);
      }
    }

    private static StoreException unreadable(Path path, String name, IOException e) {
      return new StoreException(
          "Cannot read %s to store it as %s: %s".formatted(path, name, FileFailures.reason(e)), e);
    }

    @Override
    public <T> T send(long offset, long length, Sender<T> sender) throws Exception {
      try (RandomAccessFile file = open()) {
        Http.Headers checks = hash(file, offset, length);
        return sender.send(
            new Slice() {
              @Override
              public <B extends PutObjectAPIBaseArgs.Builder<B, A>, A extends PutObjectAPIBaseArgs>
                  B body(B request) {
                return request.file(file, length);
              }

              @Override
              public Http.Headers checks() {
                return checks;
              }
            });
      }
    }

    private RandomAccessFile open() throws StoreException {
      try {
        return new RandomAccessFile(path.toFile(), "r");
      } catch (IOException e) {
        throw unreadable(path, name, e);
      }
    }

    /** Leaves the file's pointer at the slice's beginning, where the request reads from. */
    private Http.Headers hash(RandomAccessFile file, long offset, long length)
        throws StoreException {
      MessageDigest sha256 = Digest.newSha256();
      MessageDigest md5 = newMd5();
      byte[] buffer = new byte[BUFFER_BYTES];
      try {
        file.seek(offset);
        for (long left = length; left > 0; ) {
          int n = file.read(buffer, 0, (int) Math.min(left, buffer.length));
          if (n < 0) {
            throw new EOFException("it became shorter while it was read");
          }
          sha256.update(buffer, 0, n);
          md5.update(buffer, 0, n);
          left -= n;
        }
        file.seek(offset);
      } catch (IOException e) {
        throw unreadable(path, name, e);
      }
      return S3Content.checks(sha256, md5);
    }
  }
}
