package io.cityseg.image;

import java.util.Arrays;
import java.util.zip.DataFormatException;

/**
 * Finds the symbols of a Huffman code in the form of RFC 1951, 3.2.2: short codes in a table, the
 * rare long ones by counting. One instance takes one code after the other, in one thread.
 */
final class PrefixDecoder {
  /** The longest code. */
  static final int MAX_BITS = 15;

  private final int tableBits;

  /** For the next bits: symbol << 4 | its bits; 0 where its code is longer, or there is none. */
  private final int[] table;

  private final int[] countOfBits = new int[MAX_BITS + 1];
  private final int[] firstOfBits = new int[MAX_BITS + 2];
  private final int[] symbolsInOrder = new int[288];

  /**
   * For codes of any length.
   *
   * @param tableBits codes up to this length are looked up at once
   */
  PrefixDecoder(int tableBits) {
    this.tableBits = tableBits;
    this.table = new int[1 << tableBits];
  }

  /**
   * Takes the code whose symbols have these numbers of bits.
   *
   * @param lengths 0..15 for each symbol, 0 where it does not come
   * @param mayBeIncomplete whether the code may have no symbol, or one of one bit, as zlib has it
   * @param what the code, for messages
   */
  void use(byte[] lengths, int from, int count, boolean mayBeIncomplete, String what)
      throws DataFormatException {
    Arrays.fill(countOfBits, 0);
    for (int i = 0; i < count; i++) {
      countOfBits[lengths[from + i]]++;
    }
    countOfBits[0] = 0;
    checkIsCode(mayBeIncomplete, what);
    for (int bits = 1; bits <= MAX_BITS; bits++) {
      firstOfBits[bits + 1] = firstOfBits[bits] + countOfBits[bits];
    }
    int[] place = firstOfBits.clone();
    for (int i = 0; i < count; i++) {
      if (lengths[from + i] != 0) {
        symbolsInOrder[place[lengths[from + i]]++] = i;
      }
    }
    fillTable();
  }

  private void checkIsCode(boolean mayBeIncomplete, String what) throws DataFormatException {
    int left = 1;
    int used = 0;
    for (int bits = 1; bits <= MAX_BITS; bits++) {
      left = 2 * left - countOfBits[bits];
      used += countOfBits[bits];
      if (left < 0) {
        throw new DataFormatException("invalid " + what + " set");
      }
    }
    boolean isSmall = used == 0 || (used == 1 && countOfBits[1] == 1);
    if (left > 0 && !(mayBeIncomplete && isSmall)) {
      throw new DataFormatException("invalid " + what + " set");
    }
  }

  private void fillTable() {
    Arrays.fill(table, 0);
    int code = 0;
    int index = 0;
    for (int bits = 1; bits <= tableBits; bits++) {
      for (int i = 0; i < countOfBits[bits]; i++) {
        int entry = (symbolsInOrder[index++] << 4) | bits;
        int first = Integer.reverse(code++) >>> (Integer.SIZE - bits);
        for (int place = first; place < table.length; place += 1 << bits) {
          table[place] = entry;
        }
      }
      code <<= 1;
    }
  }

  /**
   * The symbol at the beginning of some bits.
   *
   * @param next 15 bits or more, the first one lowest
   * @return symbol << 4 | the number of its bits, or 0 when no code begins so
   */
  int decode(long next) {
    int entry = table[(int) next & (table.length - 1)];
    return entry != 0 ? entry : decodeLong(next);
  }

  /**
   * Codes of one length follow each other: their place among them is their distance to the first.
   */
  private int decodeLong(long next) {
    int code = 0;
    int first = 0;
    for (int bits = 1; bits <= MAX_BITS; bits++) {
      code |= (int) ((next >>> (bits - 1)) & 1);
      int place = code - first;
      if (place < countOfBits[bits]) {
        return (symbolsInOrder[firstOfBits[bits] + place] << 4) | bits;
      }
      first = (first + countOfBits[bits]) << 1;
      code <<= 1;
    }
    return 0;
  }
}
