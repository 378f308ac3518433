package io.cityseg.stage;

import io.cityseg.proto.Piece;
import java.util.AbstractList;
import java.util.List;

/**
 * A call's pieces, each made when it is asked for: all of a large call at once would take more
 * memory than what they are cut from, and they are handed on one after the other.
 */
public final class Pieces {
  private Pieces() {}

  /** Makes one piece. */
  @FunctionalInterface
  public interface Cut<W> {
    /**
     * The piece of some work.
     *
     * @param work what the piece is about
     * @param index its place among the call's pieces
     */
    Piece piece(W work, int index);
  }

  /** A piece for each work, in their order. */
  public static <W> List<Piece> of(List<W> works, Cut<W> cut) {
    return new AbstractList<>() {
      @Override
      public Piece get(int index) {
        return cut.piece(works.get(index), index);
      }

      @Override
      public int size() {
        return works.size();
      }
    };
  }
}
