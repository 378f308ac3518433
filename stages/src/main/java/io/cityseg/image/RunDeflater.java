package io.cityseg.image;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.Adler32;

/**
 * A zlib stream (RFC 1950, 1951) whose matches are runs of one byte: zlib's strategy Z_RLE, which
 * Java does not offer. On the differences between the rows of label images it makes smaller files
 * than zlib's default in a third of the time, and the bytes depend on no version of zlib. One
 * instance makes one stream.
 */
final class RunDeflater {
  private static final int MIN_RUN = 3;
  private static final int MAX_RUN = 258;
  private static final int END_OF_BLOCK = 256;
  private static final int SYMBOLS = 286;
  private static final int MAX_CODE_BITS = 15;
  private static final int MAX_LENGTH_CODE_BITS = 7;

  /** Literals 0..255, and runs as 256 + their length. */
  private static final int TOKENS_OF_A_BLOCK = 1 << 16;

  /** RFC 1951, 3.2.7: the order in which the code length code is written. */
  private static final int[] LENGTH_CODE_ORDER = {
    16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15
  };

  /** RFC 1951, 3.2.5: the shortest run of the symbols 257..285. */
  private static final int[] RUN_BASES = {
    3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131,
    163, 195, 227, 258
  };

  /** The symbol of every run. */
  private static final int[] RUN_SYMBOLS = runSymbols();

  private final byte[] content;
  private final int[] tokens = new int[TOKENS_OF_A_BLOCK];
  private int count;
  private byte[] out;
  private int length;
  private long bits;
  private int bitCount;

  private RunDeflater(byte[] content) {
    this.content = content;
    this.out = new byte[1024 + content.length / 64];
  }

  /** The stream that holds the content. */
  static byte[] deflate(byte[] content) {
    RunDeflater deflater = new RunDeflater(content);
    deflater.run();
    return Arrays.copyOf(deflater.out, deflater.length);
  }

  private void run() {
    put(0x78, 8); // a window of 32 KiB
    put(0x01, 8); // no dictionary, and a check that makes the header a multiple of 31
    int at = 0;
    while (at < content.length) {
      int run = at == 0 ? 0 : runAt(at);
      while (run >= MIN_RUN) {
        // what would be left must not be too short for a run of its own
        int part =
            Math.min(run, run - MAX_RUN < MIN_RUN && run > MAX_RUN ? run - MIN_RUN : MAX_RUN);
        add(END_OF_BLOCK + part);
        at += part;
        run -= part;
      }
      if (at < content.length) {
        add(content[at++] & 0xff);
      }
    }
    writeBlock(true);
    put(0, (8 - bitCount % 8) % 8);
    Adler32 check = new Adler32();
    check.update(content);
    for (byte part : ByteBuffer.allocate(4).putInt((int) check.getValue()).array()) {
      put(part & 0xff, 8);
    }
  }

  /** How many bytes from here on are the byte before. */
  private int runAt(int at) {
    if (content[at] != content[at - 1]) {
      return 0;
    }
    int end = content.length;
    int different = Arrays.mismatch(content, at, end, content, at - 1, end - 1);
    return different < 0 ? end - at : different;
  }

  private void add(int token) {
    if (count == TOKENS_OF_A_BLOCK) {
      writeBlock(false);
    }
    tokens[count++] = token;
  }

  /** A block with its own code (RFC 1951, 3.2.7). */
  private void writeBlock(boolean isLast) {
    int[] frequencies = new int[SYMBOLS];
    frequencies[END_OF_BLOCK] = 1;
    for (int i = 0; i < count; i++) {
      frequencies[symbol(tokens[i])]++;
    }
    // a code needs two symbols
    frequencies[0]++;
    PrefixCode code = PrefixCode.of(frequencies, MAX_CODE_BITS);
    put(isLast ? 1 : 0, 1);
    put(2, 2);
    writeCode(code);
    for (int i = 0; i < count; i++) {
      int symbol = symbol(tokens[i]);
      put(code.codes()[symbol], code.lengths()[symbol]);
      if (symbol > END_OF_BLOCK) {
        int run = tokens[i] - END_OF_BLOCK;
        put(run - RUN_BASES[symbol - END_OF_BLOCK - 1], extraBits(symbol));
        put(0, 1); // the one distance there is: 1
      }
    }
    put(code.codes()[END_OF_BLOCK], code.lengths()[END_OF_BLOCK]);
    count = 0;
  }

  /** All 286 lengths and that of the one distance, each as it is. */
  private void writeCode(PrefixCode code) {
    int[] frequencies = new int[LENGTH_CODE_ORDER.length];
    frequencies[0] = 1;
    frequencies[1] = 1;
    for (int bitsOfSymbol : code.lengths()) {
      frequencies[bitsOfSymbol]++;
    }
    PrefixCode lengthCode = PrefixCode.of(frequencies, MAX_LENGTH_CODE_BITS);
    put(SYMBOLS - 257, 5);
    put(0, 5);
    put(LENGTH_CODE_ORDER.length - 4, 4);
    for (int symbol : LENGTH_CODE_ORDER) {
      put(lengthCode.lengths()[symbol], 3);
    }
    for (int bitsOfSymbol : code.lengths()) {
      put(lengthCode.codes()[bitsOfSymbol], lengthCode.lengths()[bitsOfSymbol]);
    }
    put(lengthCode.codes()[1], lengthCode.lengths()[1]);
  }

  private static int symbol(int token) {
    return token < END_OF_BLOCK ? token : RUN_SYMBOLS[token - END_OF_BLOCK];
  }

  private static int[] runSymbols() {
    int[] symbols = new int[MAX_RUN + 1];
    for (int run = MIN_RUN; run <= MAX_RUN; run++) {
      int place = Arrays.binarySearch(RUN_BASES, run);
      symbols[run] = END_OF_BLOCK + 1 + (place >= 0 ? place : -place - 2);
    }
    return symbols;
  }

  /** RFC 1951, 3.2.5. */
  private static int extraBits(int symbol) {
    return symbol < 265 || symbol == 285 ? 0 : (symbol - 261) / 4;
  }

  private void put(int value, int size) {
    bits |= (long) value << bitCount;
    bitCount += size;
    if (length + Long.BYTES > out.length) {
      out = Arrays.copyOf(out, 2 * out.length);
    }
    while (bitCount >= 8) {
      out[length++] = (byte) bits;
      bits >>>= 8;
      bitCount -= 8;
    }
  }
}
