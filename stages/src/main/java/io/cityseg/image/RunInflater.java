package io.cityseg.image;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.DataFormatException;

/**
 * Reads a zlib stream (RFC 1950, 1951) of known length. Label images are long matches, which zlib
 * copies three bytes at a time; copied as a whole, and with {@link Checksum}, they take 60 % of the
 * time (measured on drawn street scenes). Accepts and refuses what zlib 1.2.13 does. One instance
 * reads one stream after the other, in one thread, and takes no memory for what a stream claims.
 */
final class RunInflater {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  /** Zeros behind the stream: a refill reads eight bytes. */
  private static final int PADDING = 16;

  private static final int END_OF_BLOCK = 256;
  private static final int MAX_SYMBOLS = 286;
  private static final int MAX_DISTANCES = 30;

  /** A symbol, a distance and their extra bits: 15 + 5 + 15 + 13. */
  private static final int MIN_AHEAD = 48;

  /** Shorter matches are copied byte by byte. */
  private static final int SHORT = 12;

  /** RFC 1951, 3.2.7: the order in which the code length code is written. */
  private static final int[] LENGTH_CODE_ORDER = {
    16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15
  };

  /** RFC 1951, 3.2.5: the shortest match of the symbols 257..285, and their extra bits. */
  private static final int[] LENGTH_BASES = {
    3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131,
    163, 195, 227, 258
  };

  private static final int[] LENGTH_BITS = {
    0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0
  };

  /** RFC 1951, 3.2.5: the shortest distance of the symbols 0..29, and their extra bits. */
  private static final int[] DISTANCE_BASES = {
    1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049,
    3073, 4097, 6145, 8193, 12289, 16385, 24577
  };

  private static final int[] DISTANCE_BITS = {
    0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13
  };

  private final PrefixDecoder lengthCode = new PrefixDecoder(7);
  private final PrefixDecoder symbols = new PrefixDecoder(10);
  private final PrefixDecoder distances = new PrefixDecoder(9);
  private final byte[] codeLengths = new byte[MAX_SYMBOLS + 2 + MAX_DISTANCES + 2];

  private static final byte[] NOTHING = new byte[0];

  private byte[] in = NOTHING;
  private int end;
  private int next;

  /** The bits that were read ahead, the next one lowest. */
  private long bits;

  private int bitCount;
  private byte[] out = NOTHING;
  private int size;
  private int at;

  /** The stream ends before it should, or holds more or fewer bytes than it should. */
  static final class LengthException extends Exception {}

  /**
   * Inflates a whole stream; what follows it is ignored.
   *
   * @param stream begins with the stream
   * @param out gets exactly {@code size} bytes, at its beginning
   * @throws LengthException when the stream holds another number of bytes, or is cut off
   * @throws DataFormatException when it is no zlib stream, or its checksum differs
   */
  void inflate(byte[] stream, byte[] out, int size) throws DataFormatException, LengthException {
    this.in = Arrays.copyOf(stream, stream.length + PADDING);
    this.end = stream.length;
    this.out = out;
    this.size = size;
    next = 0;
    bits = 0;
    bitCount = 0;
    at = 0;
    readHeader();
    boolean isLast;
    do {
      isLast = take(1) == 1;
      switch (take(2)) {
        case 0 -> copyStored();
        case 1 -> {
          useFixedCodes();
          readBlock();
        }
        case 2 -> {
          readCodes();
          readBlock();
        }
        default -> throw new DataFormatException("invalid block type");
      }
    } while (!isLast);
    if (at != size) {
      throw new LengthException();
    }
    checkSum();
    in = NOTHING;
    this.out = NOTHING;
  }

  private void readHeader() throws DataFormatException, LengthException {
    int method = take(8);
    int flags = take(8);
    if (((method << 8) | flags) % 31 != 0) {
      throw new DataFormatException("incorrect header check");
    }
    if ((method & 15) != 8) {
      throw new DataFormatException("unknown compression method");
    }
    if (method >> 4 > 7) {
      throw new DataFormatException("invalid window size");
    }
    if ((flags & 0x20) != 0) {
      throw new DataFormatException("it needs a dictionary, which PNG has not");
    }
  }

  private void checkSum() throws DataFormatException, LengthException {
    take(bitCount & 7);
    int stored = 0;
    for (int i = 0; i < Integer.BYTES; i++) {
      stored = (stored << 8) | take(8);
    }
    if (Checksum.adler32(out, size) != stored) {
      throw new DataFormatException("incorrect data check");
    }
  }

  private void copyStored() throws DataFormatException, LengthException {
    take(bitCount & 7);
    int length = take(16);
    if (take(16) != (~length & 0xffff)) {
      throw new DataFormatException("invalid stored block lengths");
    }
    int from = next - bitCount / 8;
    if (length > end - from || length > size - at) {
      throw new LengthException();
    }
    System.arraycopy(in, from, out, at, length);
    at += length;
    next = from + length;
    bits = 0;
    bitCount = 0;
  }

  private void useFixedCodes() throws DataFormatException {
    Arrays.fill(codeLengths, 0, 144, (byte) 8);
    Arrays.fill(codeLengths, 144, 256, (byte) 9);
    Arrays.fill(codeLengths, 256, 280, (byte) 7);
    Arrays.fill(codeLengths, 280, 288, (byte) 8);
    symbols.use(codeLengths, 0, 288, false, "literal/lengths");
    Arrays.fill(codeLengths, 0, 32, (byte) 5);
    distances.use(codeLengths, 0, 32, false, "distances");
  }

  private void readCodes() throws DataFormatException, LengthException {
    int literals = take(5) + 257;
    int far = take(5) + 1;
    int lengths = take(4) + 4;
    if (literals > MAX_SYMBOLS || far > MAX_DISTANCES) {
      throw new DataFormatException("too many length or distance symbols");
    }
    Arrays.fill(codeLengths, 0, LENGTH_CODE_ORDER.length, (byte) 0);
    for (int i = 0; i < lengths; i++) {
      codeLengths[LENGTH_CODE_ORDER[i]] = (byte) take(3);
    }
    lengthCode.use(codeLengths, 0, LENGTH_CODE_ORDER.length, false, "code lengths");
    for (int i = 0; i < literals + far; ) {
      refill();
      int entry = lengthCode.decode(bits);
      if (entry == 0) {
        throw noCode("code lengths", bitCount);
      }
      takeRead(entry & 15);
      int length = entry >>> 4;
      if (length < 16) {
        codeLengths[i++] = (byte) length;
        continue;
      }
      if (length == 16 && i == 0) {
        throw new DataFormatException("invalid bit length repeat");
      }
      byte repeated = length == 16 ? codeLengths[i - 1] : 0;
      int times = length == 16 ? 3 + take(2) : length == 17 ? 3 + take(3) : 11 + take(7);
      if (times > literals + far - i) {
        throw new DataFormatException("invalid bit length repeat");
      }
      Arrays.fill(codeLengths, i, i + times, repeated);
      i += times;
    }
    if (codeLengths[END_OF_BLOCK] == 0) {
      throw new DataFormatException("invalid code -- missing end-of-block");
    }
    symbols.use(codeLengths, 0, literals, true, "literal/lengths");
    distances.use(codeLengths, literals, far, true, "distances");
  }

  /** The loop that takes the time: what it reads ahead is in local variables. */
  private void readBlock() throws DataFormatException, LengthException {
    long ahead = bits;
    int left = bitCount;
    while (true) {
      if (left < MIN_AHEAD) {
        if (next > end + PADDING - Long.BYTES) {
          throw new LengthException();
        }
        ahead |= (long) LONG.get(in, next) << left;
        next += (63 - left) >> 3;
        left |= 56;
      }
      int entry = symbols.decode(ahead);
      int used = entry & 15;
      int symbol = entry >>> 4;
      if (entry != 0 && symbol < END_OF_BLOCK) {
        if (at == size) {
          throw new LengthException();
        }
        out[at++] = (byte) symbol;
      } else if (symbol > END_OF_BLOCK && symbol < MAX_SYMBOLS) {
        int length = LENGTH_BASES[symbol - 257] + bitsAt(ahead, used, LENGTH_BITS[symbol - 257]);
        used += LENGTH_BITS[symbol - 257];
        int farEntry = distances.decode(ahead >>> used);
        int far = farEntry >>> 4;
        if (farEntry == 0 || far >= MAX_DISTANCES) {
          throw noCode("distance", left - used);
        }
        used += farEntry & 15;
        copyMatch(DISTANCE_BASES[far] + bitsAt(ahead, used, DISTANCE_BITS[far]), length);
        used += DISTANCE_BITS[far];
      } else if (symbol != END_OF_BLOCK) {
        throw noCode("literal/length", left);
      }
      ahead >>>= used;
      left -= used;
      if (symbol == END_OF_BLOCK) {
        bits = ahead;
        bitCount = left;
        takeRead(0);
        return;
      }
    }
  }

  private static int bitsAt(long bits, int at, int count) {
    return (int) (bits >>> at) & ((1 << count) - 1);
  }

  /** The zeros behind a stream that is cut off are no wrong code. */
  private DataFormatException noCode(String what, int left) throws LengthException {
    if (8L * (end - next) + left < PrefixDecoder.MAX_BITS) {
      throw new LengthException();
    }
    return new DataFormatException("invalid " + what + " code");
  }

  private void copyMatch(int distance, int length) throws DataFormatException, LengthException {
    if (distance > at) {
      throw new DataFormatException("invalid distance too far back");
    }
    if (length > size - at) {
      throw new LengthException();
    }
    int from = at - distance;
    int to = at + length;
    if (length < SHORT) {
      for (int i = at; i < to; i++) {
        out[i] = out[from++];
      }
    } else if (distance == 1) {
      Arrays.fill(out, at, to, out[from]);
    } else {
      // what is copied may be copied again: the part that repeats doubles
      for (int i = at; i < to; ) {
        int part = Math.min(i - from, to - i);
        System.arraycopy(out, from, out, i, part);
        i += part;
      }
    }
    at = to;
  }

  private int take(int count) throws LengthException {
    refill();
    requireBits(count);
    return takeRead(count);
  }

  private int takeRead(int count) throws LengthException {
    int value = (int) (bits & (1L << count) - 1);
    bits >>>= count;
    bitCount -= count;
    if (next - (bitCount >> 3) > end) {
      throw new LengthException();
    }
    return value;
  }

  private void requireBits(int count) throws LengthException {
    if (8L * (end - next) + bitCount < count) {
      throw new LengthException();
    }
  }

  /** Reads whole bytes until 56 to 63 bits are there; zeros behind the end. */
  private void refill() {
    if (bitCount < MIN_AHEAD && next <= end + PADDING - Long.BYTES) {
      bits |= (long) LONG.get(in, next) << bitCount;
      next += (63 - bitCount) >> 3;
      bitCount |= 56;
    }
  }
}
