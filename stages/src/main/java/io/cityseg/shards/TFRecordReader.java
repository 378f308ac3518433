package io.cityseg.shards;

import static java.util.Objects.requireNonNull;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Reads an uncompressed TFRecord file record by record, and verifies both checksums of each. Takes
 * no more memory than the file is long, whatever it claims. Not thread-safe.
 */
public final class TFRecordReader implements Closeable {
  private static final int BUFFER_BYTES = 1 << 16;

  private final InputStream in;
  private final long size;
  private final String name;
  private long position;
  private long recordStart;
  private long records;

  /**
   * A reader of a stream, which it closes.
   *
   * @param size the stream's length, bytes
   * @param name the file, for messages
   */
  TFRecordReader(InputStream in, long size, String name) {
    this.in = requireNonNull(in, "in");
    this.size = size;
    this.name = requireNonNull(name, "name");
  }

  /** A reader of a file. */
  public static TFRecordReader open(Path file) throws IOException {
    InputStream in = new BufferedInputStream(Files.newInputStream(file), BUFFER_BYTES);
    return new TFRecordReader(in, Files.size(file), file.toString());
  }

  /**
   * The next record's data; nothing at the end of the file.
   *
   * @throws DamagedShardException when the record is damaged or cut off
   */
  public Optional<byte[]> next() throws IOException {
    if (position == size) {
      return Optional.empty();
    }
    recordStart = position;
    byte[] header = read(Framing.HEADER_BYTES, "its frame");
    ByteBuffer frame = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN);
    long length = frame.getLong();
    verify(header, Long.BYTES, frame.getInt(), "its length");
    if (length < 0 || length > Framing.MAX_RECORD_BYTES) {
      throw damaged(
          "it claims %s bytes, at most %d can be"
              .formatted(Long.toUnsignedString(length), Framing.MAX_RECORD_BYTES));
    }
    byte[] data = read((int) length, "its data");
    byte[] footer = read(Framing.FOOTER_BYTES, "its checksum");
    int stored = ByteBuffer.wrap(footer).order(ByteOrder.LITTLE_ENDIAN).getInt();
    verify(data, data.length, stored, "its data");
    records++;
    return Optional.of(data);
  }

  /** How many records have been read. */
  public long records() {
    return records;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }

  private void verify(byte[] bytes, int length, int stored, String what) throws IOException {
    int actual = Framing.maskedCrc(bytes, 0, length);
    if (actual != stored) {
      throw damaged(
          "the checksum of %s is %08x, its content has %08x".formatted(what, stored, actual));
    }
  }

  private byte[] read(int length, String what) throws IOException {
    long left = size - position;
    if (length > left) {
      throw damaged(
          "%s takes %d bytes, but the file is truncated: %d are left"
              .formatted(what, length, left));
    }
    byte[] bytes = new byte[length];
    int read = in.readNBytes(bytes, 0, length);
    if (read < length) {
      throw damaged("the file ended after %d of the %d bytes of %s".formatted(read, length, what));
    }
    position += length;
    return bytes;
  }

  private DamagedShardException damaged(String problem) {
    return new DamagedShardException(
        "%s is damaged: record %d at byte %d: %s".formatted(name, records, recordStart, problem));
  }
}
