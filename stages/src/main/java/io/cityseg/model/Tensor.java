package io.cityseg.model;

import static java.util.Objects.requireNonNull;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * A tensor outside the engine.
 *
 * @param dtype the type of its elements
 * @param shape sizes, outermost first; empty for a scalar
 * @param content where its bytes come from when they are wanted: a file, or the engine
 */
public record Tensor(DType dtype, List<Long> shape, Content content) {
  /** Gives a tensor's bytes, row-major and little-endian. */
  @FunctionalInterface
  public interface Content {
    /** A buffer from position to limit; it may be a view, so it must not be written to. */
    ByteBuffer bytes();
  }

  public Tensor {
    requireNonNull(dtype, "dtype");
    requireNonNull(content, "content");
    shape = List.copyOf(shape);
    byteCount(dtype, shape);
  }

  /** A float32 tensor with these values. */
  public static Tensor of(float[] values, Long... shape) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return new Tensor(DType.F32, List.of(shape), bytes::duplicate);
  }

  /** An int64 scalar. */
  public static Tensor scalar(long value) {
    ByteBuffer bytes = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(0, value);
    return new Tensor(DType.I64, List.of(), bytes::duplicate);
  }

  /** How many bytes its elements take. */
  public long byteCount() {
    return byteCount(dtype, shape);
  }

  /**
   * Its bytes in little-endian order: {@link #byteCount} of them.
   *
   * @throws IllegalStateException when the content does not fit type and shape
   */
  public ByteBuffer bytes() {
    ByteBuffer bytes = content.bytes().order(ByteOrder.LITTLE_ENDIAN);
    if (bytes.remaining() != byteCount()) {
      throw new IllegalStateException(
          "Invalid content of a %s tensor %s: %d bytes (must be %d)"
              .formatted(dtype, shape, bytes.remaining(), byteCount()));
    }
    return bytes;
  }

  /**
   * How many bytes the elements of a tensor take.
   *
   * @throws IllegalArgumentException when a size is negative or the product is beyond 2^63
   */
  static long byteCount(DType dtype, List<Long> shape) {
    long count = dtype.bytes();
    boolean empty = shape.contains(0L);
    for (long size : shape) {
      if (size < 0) {
        throw new IllegalArgumentException("Invalid shape: " + shape + " (negative size)");
      }
      if (!empty && Math.multiplyHigh(count, size) != 0) {
        throw new IllegalArgumentException("Invalid shape: " + shape + " (too large)");
      }
      count = empty ? 0 : count * size;
      if (count < 0) {
        throw new IllegalArgumentException("Invalid shape: " + shape + " (too large)");
      }
    }
    return count;
  }
}
