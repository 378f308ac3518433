package io.cityseg.model;

import static java.util.Objects.requireNonNull;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * A tensor as PyTorch has it: a view of a storage.
 *
 * @param storage what it lies in
 * @param offset the index of its first element there
 * @param shape sizes, outermost first; empty for a scalar
 * @param strides steps between neighbours in elements, one a size; 0 repeats an element
 */
record StridedTensor(StoredElements storage, long offset, List<Long> shape, List<Long> strides) {
  /**
   * Checks that every element lies within the storage and that the tensor fits a buffer.
   *
   * @throws IllegalArgumentException when it does not
   */
  StridedTensor {
    requireNonNull(storage, "storage");
    shape = List.copyOf(shape);
    strides = List.copyOf(strides);
    if (shape.size() != strides.size()) {
      throw new IllegalArgumentException(
          "its shape %s has %d sizes and its strides %s are %d"
              .formatted(shape, shape.size(), strides, strides.size()));
    }
    if (offset < 0) {
      throw new IllegalArgumentException("its offset is " + offset);
    }
    if (strides.stream().anyMatch(stride -> stride < 0)) {
      throw new IllegalArgumentException("its strides " + strides + " have a negative one");
    }
    long bytes = Tensor.byteCount(storage.dtype(), shape);
    if (bytes > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "its shape %s takes %d bytes (must be at most %d)"
              .formatted(shape, bytes, Integer.MAX_VALUE));
    }
    if (bytes > 0) {
      requireWithin(storage, offset, shape, strides);
    }
  }

  private static void requireWithin(
      StoredElements storage, long offset, List<Long> shape, List<Long> strides) {
    long last = offset;
    try {
      for (int i = 0; i < shape.size(); i++) {
        long reach = Math.multiplyExact(shape.get(i) - 1, strides.get(i));
        last = Math.addExact(last, reach);
      }
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException("its strides " + strides + " are too large", e);
    }
    if (last >= storage.count()) {
      throw new IllegalArgumentException(
          "its shape %s with strides %s from element %d reaches element %d of a storage of %d"
              .formatted(shape, strides, offset, last, storage.count()));
    }
  }

  /** Whether its elements lie side by side in row-major order. */
  private boolean contiguous() {
    long step = 1;
    for (int i = shape.size() - 1; i >= 0; i--) {
      if (shape.get(i) != 1 && strides.get(i) != step) {
        return false;
      }
      step *= shape.get(i);
    }
    return true;
  }

  /**
   * Its elements, row-major and little-endian: a view where they lie so, else a copy.
   *
   * @param stored the storage's bytes
   * @param order their order in a number
   */
  ByteBuffer elements(ByteBuffer stored, ByteOrder order) {
    int size = storage.dtype().bytes();
    int bytes = Math.toIntExact(Tensor.byteCount(storage.dtype(), shape));
    if (bytes == 0) {
      return ByteBuffer.allocate(0);
    }
    // within the storage's bytes, which fit a buffer
    int first = Math.toIntExact(offset * size);
    if (contiguous() && (order == ByteOrder.LITTLE_ENDIAN || size == 1)) {
      return stored.slice(first, bytes);
    }
    ByteBuffer from = stored.duplicate().order(order);
    ByteBuffer into = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    long[] index = new long[shape.size()];
    long at = offset;
    while (into.hasRemaining()) {
      copy(from, Math.toIntExact(at * size), into, size);
      at = next(index, at);
    }
    return into.flip();
  }

  /** Counts the index on, like an odometer, and returns where its element lies. */
  private long next(long[] index, long at) {
    long to = at;
    for (int i = index.length - 1; i >= 0; i--) {
      to += strides.get(i);
      if (++index[i] < shape.get(i)) {
        return to;
      }
      to -= strides.get(i) * shape.get(i);
      index[i] = 0;
    }
    return to;
  }

  private static void copy(ByteBuffer from, int at, ByteBuffer into, int size) {
    switch (size) {
      case 1 -> into.put(from.get(at));
      case 2 -> into.putShort(from.getShort(at));
      case 4 -> into.putInt(from.getInt(at));
      case 8 -> into.putLong(from.getLong(at));
      default -> throw new IllegalArgumentException("Invalid element size: " + size);
    }
  }
}
