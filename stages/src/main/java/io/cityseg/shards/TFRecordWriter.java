package io.cityseg.shards;

import static java.util.Objects.requireNonNull;

import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Writes a TFRecord file, uncompressed. Not thread-safe. */
public final class TFRecordWriter implements Closeable {
  private final OutputStream out;

  /** A writer to a stream, which it closes. */
  public TFRecordWriter(OutputStream out) {
    this.out = requireNonNull(out, "out");
  }

  /**
   * Appends a record.
   *
   * @throws IllegalArgumentException when it is longer than a reader accepts (256 MiB)
   */
  public void write(byte[] record) throws IOException {
    if (record.length > Framing.MAX_RECORD_BYTES) {
      throw new IllegalArgumentException(
          "Invalid record: %d bytes (must be at most %d)"
              .formatted(record.length, Framing.MAX_RECORD_BYTES));
    }
    ByteBuffer header =
        ByteBuffer.allocate(Framing.HEADER_BYTES)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(record.length);
    header.putInt(Framing.maskedCrc(header.array(), 0, Long.BYTES));
    ByteBuffer footer =
        ByteBuffer.allocate(Framing.FOOTER_BYTES)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putInt(Framing.maskedCrc(record, 0, record.length));
    out.write(header.array());
    out.write(record);
    out.write(footer.array());
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
