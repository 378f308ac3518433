package io.cityseg.journal;

import io.cityseg.proto.CountedPieces;
import java.util.BitSet;

/**
 * Which pieces of a call are done, and how many there are. Adding what is in it already changes
 * nothing, so it does not matter how often or by whom something is said. For one thread.
 */
final class PieceSet {
  /** Indices are below this; more is not counted, and is nothing that a call can have. */
  static final int MAX_PIECES = 1 << 24;

  private final BitSet done = new BitSet();
  private int total;

  /** Says how many pieces there are. */
  void announce(int pieces) {
    total = Math.max(total, pieces);
  }

  /** Adds a piece that is done. */
  void add(int index) {
    if (index >= 0 && index < MAX_PIECES) {
      done.set(index);
    }
  }

  /** Adds what another writer knows. What is no index, in a damaged line, is left out. */
  void addAll(CountedPieces other) {
    announce(other.getTotal());
    long index = -1;
    for (int gap : other.getGapsList()) {
      index += Integer.toUnsignedLong(gap);
      if (index < 0 || index >= MAX_PIECES) {
        return;
      }
      done.set((int) index);
    }
  }

  int done() {
    return done.cardinality();
  }

  /** 0 while unknown. */
  int total() {
    return total;
  }

  CountedPieces toProto(String call) {
    CountedPieces.Builder proto = CountedPieces.newBuilder().setCall(call).setTotal(total);
    int before = -1;
    for (int index = done.nextSetBit(0); index >= 0; index = done.nextSetBit(index + 1)) {
      proto.addGaps(index - before);
      before = index;
    }
    return proto.build();
  }
}
