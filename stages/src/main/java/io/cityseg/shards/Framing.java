package io.cityseg.shards;

import java.util.zip.CRC32C;

/**
 * The frame of a TFRecord (tensorflow/core/lib/io/record_writer.h): little-endian uint64 length,
 * uint32 masked CRC-32C of the length, the data, uint32 masked CRC-32C of the data.
 */
final class Framing {
  static final int HEADER_BYTES = 12;
  static final int FOOTER_BYTES = 4;

  /** The longest record, bytes: an example of 4096 x 8192 pixels has half of it. */
  static final int MAX_RECORD_BYTES = 256 << 20;

  private static final int MASK_DELTA = 0xa282ead8;

  private Framing() {}

  /** The masked CRC-32C of a part of an array. */
  static int maskedCrc(byte[] bytes, int offset, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, offset, length);
    return Integer.rotateRight((int) crc.getValue(), 15) + MASK_DELTA;
  }
}
