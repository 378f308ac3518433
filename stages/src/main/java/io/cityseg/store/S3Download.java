package io.cityseg.store;

import io.cityseg.files.FileFailures;
import io.minio.GetObjectArgs;
import io.minio.GetObjectResponse;
import io.minio.MinioAsyncClient;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Fetches objects: small ones in one request, large ones in ranges side by side, all of the version
 * that the first answer was of. Thread-safe.
 */
final class S3Download {
  private static final int BUFFER_BYTES = 1 << 17;
  private static final Pattern CONTENT_RANGE =
      Pattern.compile("bytes ([0-9]{1,18})-([0-9]{1,18})/([0-9]{1,18})");

  private final S3Connection connection;
  private final S3Requests requests;

  S3Download(S3Connection connection, S3Requests requests) {
    this.connection = connection;
    this.requests = requests;
  }

  /**
   * A piece of an object.
   *
   * @param total the whole object's size
   * @param etag its version
   */
  @SuppressWarnings("ArrayRecordComponent") // compared by nobody
  record Range(byte[] content, long total, String etag) {}

  /**
   * A whole object in memory.
   *
   * @throws StoreException when it has more than {@code limit} bytes
   */
  byte[] read(String key, String name, long limit) throws S3Exception, StoreException {
    return connection.call(
        client -> {
          try (GetObjectResponse answer =
              S3Connection.await(
                  client.getObject(GetObjectArgs.builder().bucket(bucket()).object(key).build()))) {
            long size = length(answer);
            if (size > limit) {
              throw new StoreException(
                  "Cannot read %s from %s: it has %d bytes, and at most %d are expected"
                      .formatted(name, connection.address(), size, limit));
            }
            return exactly(answer, (int) size);
          }
        });
  }

  /**
   * Up to {@code length} bytes from {@code offset} on, of any version or of the one that is named.
   */
  Range range(String key, long offset, long length, Optional<String> etag)
      throws S3Exception, StoreException {
    try {
      return connection.call(client -> part(client, key, offset, length, etag));
    } catch (S3Exception e) {
      if (offset == 0 && e.status() == 416) {
        // of nothing there is no range
        return new Range(new byte[0], 0, "");
      }
      throw e;
    }
  }

  private Range part(
      MinioAsyncClient client, String key, long offset, long length, Optional<String> etag)
      throws Exception {
    try (GetObjectResponse answer = get(client, key, offset, length, etag)) {
      long[] range = contentRange(answer, offset, length);
      byte[] content = exactly(answer, (int) (range[1] - range[0] + 1));
      return new Range(content, range[2], String.valueOf(answer.headers().get("ETag")));
    }
  }

  /**
   * Fetches an object into a new file; returns its size.
   *
   * @throws StoreException when the disk has no room for it
   */
  long download(String key, String name, Path target) throws S3Exception, StoreException {
    long step = connection.limits().partBytes();
    Range first = range(key, 0, step, Optional.empty());
    long free = target.toAbsolutePath().getParent().toFile().getUsableSpace();
    if (first.total() > free) {
      throw new StoreException(
          "Cannot fetch %s (%d bytes) from %s: %s has %d bytes free; free some space or choose another folder with --cache-dir"
              .formatted(name, first.total(), connection.address(), target.getParent(), free));
    }
    try (FileChannel file =
        FileChannel.open(target, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      writeAt(file, 0, first.content(), first.content().length);
      List<S3Requests.Request<Boolean>> rest = new ArrayList<>();
      for (long at = first.content().length; at < first.total(); at += step) {
        long from = at;
        long length = Math.min(step, first.total() - at);
        rest.add(() -> fetch(key, from, length, first.etag(), file));
      }
      requests.all(rest);
      return first.total();
    } catch (IOException e) {
      throw new StoreException(
          "Cannot write %s while fetching %s: %s".formatted(target, name, FileFailures.reason(e)),
          e);
    }
  }

  private boolean fetch(String key, long offset, long length, String etag, FileChannel file)
      throws S3Exception, StoreException {
    return connection.call(
        client -> {
          try (GetObjectResponse answer = get(client, key, offset, length, Optional.of(etag))) {
            contentRange(answer, offset, length);
            byte[] buffer = new byte[BUFFER_BYTES];
            long left = length;
            while (left > 0) {
              int n = answer.read(buffer, 0, (int) Math.min(left, buffer.length));
              if (n < 0) {
                throw new EOFException("the answer ended %d bytes early".formatted(left));
              }
              writeAt(file, offset + length - left, buffer, n);
              left -= n;
            }
            return true;
          }
        });
  }

  private GetObjectResponse get(
      MinioAsyncClient client, String key, long offset, long length, Optional<String> etag)
      throws Exception {
    GetObjectArgs.Builder request =
        GetObjectArgs.builder().bucket(bucket()).object(key).offset(offset).length(length);
    etag.ifPresent(version -> request.matchETag(version.replace("\"", "")));
    return S3Connection.await(client.getObject(request.build()));
  }

  /**
   * First and last byte of the answer and the object's size; a range that was not asked for fails.
   */
  private static long[] contentRange(GetObjectResponse answer, long offset, long length)
      throws IOException {
    String header = answer.headers().get("Content-Range");
    Matcher range = CONTENT_RANGE.matcher(String.valueOf(header));
    if (!range.matches()) {
      throw new IOException(
          "the server does not send ranges (Content-Range: %s)".formatted(header));
    }
    long[] numbers = {
      Long.parseLong(range.group(1)), Long.parseLong(range.group(2)), Long.parseLong(range.group(3))
    };
    if (numbers[0] != offset
        || numbers[1] < numbers[0]
        || numbers[1] != Math.min(numbers[2], offset + length) - 1) {
      throw new IOException(
          "bytes %d to %d were asked for, and '%s' came"
              .formatted(offset, offset + length - 1, header));
    }
    return numbers;
  }

  private static long length(GetObjectResponse answer) throws IOException {
    String header = answer.headers().get("Content-Length");
    if (header == null || !header.matches("[0-9]{1,18}")) {
      throw new IOException("the server does not say the object's size");
    }
    return Long.parseLong(header);
  }

  private static byte[] exactly(GetObjectResponse answer, int size) throws IOException {
    byte[] content = answer.readNBytes(size);
    if (content.length < size) {
      throw new EOFException("the answer ended %d bytes early".formatted(size - content.length));
    }
    return content;
  }

  private static void writeAt(FileChannel file, long position, byte[] bytes, int length)
      throws StoreException {
    ByteBuffer buffer = ByteBuffer.wrap(bytes, 0, length);
    try {
      for (long at = position; buffer.hasRemaining(); ) {
        at += file.write(buffer, at);
      }
    } catch (IOException e) {
      // a full disk is no fault of the connection: another try would not help
      throw new StoreException(
          "Cannot keep what was fetched from the store: " + FileFailures.reason(e), e);
    }
  }

  private String bucket() {
    return connection.address().bucket();
  }
}
