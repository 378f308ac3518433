package io.cityseg.model;

import io.cityseg.stage.StageException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * A pickle's bytes as the arguments of its opcodes. A length is compared with what is left before
 * memory is taken for it.
 */
final class PickleInput {
  private final ByteBuffer bytes;

  /** Reads from the buffer's position on, and moves it. */
  PickleInput(ByteBuffer bytes) {
    this.bytes = bytes.order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Where the next byte lies. */
  int position() {
    return bytes.position();
  }

  int u1() throws StageException {
    return need(1).get() & 0xFF;
  }

  int u2() throws StageException {
    return need(2).getShort() & 0xFFFF;
  }

  int s4() throws StageException {
    return need(4).getInt();
  }

  long u4() throws StageException {
    return Integer.toUnsignedLong(need(4).getInt());
  }

  long s8() throws StageException {
    return need(8).getLong();
  }

  /** Pickle writes this one type with the most significant byte first. */
  double bigEndianDouble() throws StageException {
    return Double.longBitsToDouble(Long.reverseBytes(s8()));
  }

  /** A two's complement number of so many bytes: a Long where it fits, else a BigInteger. */
  Number integer(int length) throws StageException {
    byte[] reversed = raw(length);
    for (int i = 0, j = length - 1; i < j; i++, j--) {
      byte swapped = reversed[i];
      reversed[i] = reversed[j];
      reversed[j] = swapped;
    }
    BigInteger value = length == 0 ? BigInteger.ZERO : new BigInteger(reversed);
    return value.bitLength() < Long.SIZE ? (Number) value.longValue() : value;
  }

  /** UTF-8 text of so many bytes. */
  String text(long length) throws StageException {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(raw(length))).toString();
    } catch (CharacterCodingException e) {
      throw new StageException("its pickle has text that is not UTF-8, before " + place(), e);
    }
  }

  /** Text up to the end of the line, which is passed over. */
  String line() throws StageException {
    int end = bytes.position();
    while (end < bytes.limit() && bytes.get(end) != '\n') {
      end++;
    }
    String line = text(end - bytes.position());
    need(1).get();
    return line;
  }

  void skip(long length) throws StageException {
    need(length).position(Math.toIntExact(bytes.position() + length));
  }

  /** "byte 17 of its pickle". */
  String place() {
    return "byte " + bytes.position() + " of its pickle";
  }

  private byte[] raw(long length) throws StageException {
    need(length);
    byte[] raw = new byte[Math.toIntExact(length)];
    bytes.get(raw);
    return raw;
  }

  private ByteBuffer need(long length) throws StageException {
    if (length < 0 || length > bytes.remaining()) {
      throw new StageException(
          "at %s it wants %s bytes and %d are left: the file is cut short or damaged"
              .formatted(place(), Long.toUnsignedString(length), bytes.remaining()));
    }
    return bytes;
  }
}
