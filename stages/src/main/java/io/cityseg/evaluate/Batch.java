package io.cityseg.evaluate;

import static java.util.Objects.requireNonNull;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.cityseg.labels.CityscapesLabels;
import io.cityseg.model.ImageNet;
import io.cityseg.proto.Example;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;

/** Some examples as the network reads them: normalised images, and the class of every pixel. */
public final class Batch {
  private static final byte[] CLASS_OF_TRAIN_ID = classes();
  private static final int CHANNELS = 3;

  /** Of a pixel. */
  private static final int INPUT_BYTES = CHANNELS * Float.BYTES;

  private final List<String> ids;
  private final int height;
  private final int width;

  /** Normalised images, float32 [N, 3, H, W], and then classes, uint8 [N, H, W]; direct. */
  private final ByteBuffer content;

  /** Classes 0..19, [N, H, W]. */
  private final byte[] targets;

  private Batch(List<String> ids, int height, int width, ByteBuffer content, byte[] targets) {
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
    int pixels = Math.multiplyExact(images, Math.multiplyExact(height, width));
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
    int height = first.getHeight();
    int width = first.getWidth();
    int pixels = Math.multiplyExact(height, width);
    long needed = (INPUT_BYTES + 1L) * members.size() * pixels;
    if (!buffer.isDirect() || buffer.capacity() < needed) {
      throw new IllegalArgumentException(
          "Invalid buffer: %d bytes for %d images of %d x %d (must be a direct one of %d)"
              .formatted(buffer.capacity(), members.size(), height, width, needed));
    }
    FloatBuffer images = part(buffer, 0, INPUT_BYTES * members.size() * pixels).asFloatBuffer();
    byte[] targets = new byte[members.size() * pixels];
    for (int i = 0; i < members.size(); i++) {
      Example example = members.get(i).example();
      checkSize(example, height, width);
      boolean mirrored = members.get(i).mirrored();
      ImageNet.normalize(example.getImage().toByteArray(), height, width, mirrored, images);
      putTargets(example, mirrored, targets, i * pixels);
    }
    part(buffer, INPUT_BYTES * targets.length, targets.length).put(targets);
    List<String> ids = members.stream().map(m -> m.example().getId()).toList();
    return new Batch(ids, height, width, buffer, targets);
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

  private static ByteBuffer part(ByteBuffer buffer, int from, int bytes) {
    return buffer.slice(from, bytes).order(ByteOrder.nativeOrder());
  }

  private static void checkSize(Example example, int height, int width) {
    long pixels = (long) height * width;
    if (example.getHeight() != height
        || example.getWidth() != width
        || example.getImage().size() != CHANNELS * pixels
        || example.getLabel().size() != pixels) {
      throw new IllegalArgumentException(
          "Invalid example %s: %d x %d with %d image bytes and %d label bytes (must be %d x %d)"
              .formatted(
                  example.getId(),
                  example.getHeight(),
                  example.getWidth(),
                  example.getImage().size(),
                  example.getLabel().size(),
                  height,
                  width));
    }
  }

  private static void putTargets(Example example, boolean mirrored, byte[] targets, int offset) {
    int height = example.getHeight();
    int width = example.getWidth();
    for (int y = 0, at = 0; y < height; y++) {
      for (int x = 0; x < width; x++, at++) {
        int trainId = example.getLabel().byteAt(at) & 0xFF;
        int column = mirrored ? width - 1 - x : x;
        targets[offset + y * width + column] = CLASS_OF_TRAIN_ID[trainId];
        if (CLASS_OF_TRAIN_ID[trainId] < 0) {
          throw new IllegalArgumentException(
              "Invalid label in example %s: %d at row %d, column %d (must be 0..18 or 255)"
                  .formatted(example.getId(), trainId, y, x));
        }
      }
    }
  }

  /** The class of every byte; -1 for those that are no trainId. */
  private static byte[] classes() {
    byte[] classes = new byte[256];
    Arrays.fill(classes, (byte) -1);
    for (int trainId = 0; trainId < CityscapesLabels.VOID_CLASS; trainId++) {
      classes[trainId] = (byte) trainId;
    }
    classes[CityscapesLabels.VOID_TRAIN_ID] = CityscapesLabels.VOID_CLASS;
    return classes;
  }
}
