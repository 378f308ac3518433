package io.cityseg.evaluate;

import static java.util.Objects.requireNonNull;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.cityseg.proto.Example;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

/** Some examples as the network reads them: normalised images, and the class of every pixel. */
public final class Batch {
  static final int CHANNELS = 3;

  /** Of a pixel. */
  static final int INPUT_BYTES = CHANNELS * Float.BYTES;

  private final List<String> ids;
  private final int height;
  private final int width;

  /** Normalised images, float32 [N, 3, H, W], and then classes, uint8 [N, H, W]; direct. */
  private final ByteBuffer content;

  /** Classes 0..19, [N, H, W]. */
  private final byte[] targets;

  Batch(List<String> ids, int height, int width, ByteBuffer content, byte[] targets) {
    this.ids = List.copyOf(ids);
    this.height = height;
    this.width = width;
    this.content = content;
    this.targets = targets;
  }

  /** One example, and whether it is mirrored left to right. */
  public record Member(Example example, boolean mirrored) {
    public Member {
      requireNonNull(example, "example");
    }
  }

  /** A buffer for batches of up to {@code images} images of a size. */
  public static ByteBuffer newBuffer(int images, int height, int width) {
    return newBuffer(Math.multiplyExact(images, Math.multiplyExact(height, width)));
  }

  /** A buffer for batches of up to {@code pixels} pixels in all. */
  public static ByteBuffer newBuffer(int pixels) {
    return ByteBuffer.allocateDirect(Math.multiplyExact(pixels, INPUT_BYTES + 1));
  }

  /**
   * Normalises examples.
   *
   * @param members at least one, all of one size
   * @param buffer where the images go: see {@link #newBuffer}. Its owner may fill it again once the
   *     arrays made from the batch are closed
   * @throws IllegalArgumentException when sizes differ, a label is no trainId, or the buffer is too
   *     small
   */
  public static Batch of(List<Member> members, ByteBuffer buffer) {
    Example first = members.get(0).example();
    var filling = new BatchFilling(members.size(), first.getHeight(), first.getWidth(), buffer);
    for (int i = 0; i < members.size(); i++) {
      filling.put(i, members.get(i));
    }
    return filling.batch();
  }

  /** The items' ids. */
  public List<String> ids() {
    return ids;
  }

  /** N. */
  public int size() {
    return ids.size();
  }

  /** Rows of every image. */
  public int height() {
    return height;
  }

  /** Columns of every image. */
  public int width() {
    return width;
  }

  /** The class of every pixel, 0..19 with 19 for void, [N, H, W]; the batch's own array. */
  public byte[] targets() {
    return targets;
  }

  /** The images, float32 [N, 3, H, W]; on a CPU it shares the buffer's memory. */
  public NDArray input(NDManager manager) {
    return manager.create(
        part(content, 0, INPUT_BYTES * targets.length),
        new Shape(size(), CHANNELS, height, width),
        DataType.FLOAT32);
  }

  /** The classes, int64 [N, H, W]. */
  public NDArray targets(NDManager manager) {
    ByteBuffer classes = part(content, INPUT_BYTES * targets.length, targets.length);
    Shape shape = new Shape(size(), height, width);
    try (NDArray narrow = manager.create(classes, shape, DataType.UINT8)) {
      return narrow.toType(DataType.INT64, true);
    }
  }

  /** The classes of one image, [H, W]. */
  public byte[] targets(int image) {
    int pixels = height * width;
    return Arrays.copyOfRange(targets, image * pixels, (image + 1) * pixels);
  }

  static ByteBuffer part(ByteBuffer buffer, int from, int bytes) {
    return buffer.slice(from, bytes).order(ByteOrder.nativeOrder());
  }
}
