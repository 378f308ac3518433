package io.cityseg.evaluate;

import io.cityseg.labels.CityscapesLabels;
import io.cityseg.model.ImageNet;
import io.cityseg.proto.Example;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * A batch that is being made. Different places may be filled by different threads at once; whoever
 * takes the {@link #batch} must know that all have been filled, and see what they wrote.
 */
public final class BatchFilling {
  private static final byte[] CLASS_OF_TRAIN_ID = classes();

  private final String[] ids;
  private final int height;
  private final int width;
  private final ByteBuffer content;
  private final byte[] targets;

  /**
   * @param images in the batch, at least 1
   * @param height rows of every image
   * @param width columns of every image
   * @param buffer see {@link Batch#newBuffer}
   * @throws IllegalArgumentException when the buffer is too small
   */
  public BatchFilling(int images, int height, int width, ByteBuffer buffer) {
    int pixels = Math.multiplyExact(images, Math.multiplyExact(height, width));
    long needed = (Batch.INPUT_BYTES + 1L) * pixels;
    if (!buffer.isDirect() || buffer.capacity() < needed) {
      throw new IllegalArgumentException(
          "Invalid buffer: %d bytes for %d images of %d x %d (must be a direct one of %d)"
              .formatted(buffer.capacity(), images, height, width, needed));
    }
    this.ids = new String[images];
    this.height = height;
    this.width = width;
    this.content = buffer;
    this.targets = new byte[pixels];
  }

  /**
   * Puts an example of the batch's size at a place.
   *
   * @throws IllegalArgumentException when its size is another, or a label is no trainId
   */
  public void put(int place, Batch.Member member) {
    Example example = member.example();
    if (example.getHeight() != height || example.getWidth() != width) {
      throw wrongSize(example, "must be");
    }
    putPadded(place, member);
  }

  /**
   * Puts an example at a place, in the upper left corner where it is smaller than the batch's
   * images; the rest is the mean colour and void.
   *
   * @throws IllegalArgumentException when it is larger, or a label is no trainId
   */
  public void putPadded(int place, Batch.Member member) {
    Example example = member.example();
    long pixels = (long) example.getHeight() * example.getWidth();
    if (example.getHeight() > height
        || example.getWidth() > width
        || example.getImage().size() != Batch.CHANNELS * pixels
        || example.getLabel().size() != pixels) {
      throw wrongSize(example, "must be at most");
    }
    ImageNet.normalizePadded(
        example.getImage().toByteArray(),
        example.getHeight(),
        example.getWidth(),
        member.mirrored(),
        height,
        width,
        image(place));
    putTargets(example, member.mirrored(), place * height * width);
    ids[place] = example.getId();
  }

  /** The batch, whose every place has been filled. */
  public Batch batch() {
    Batch.part(content, Batch.INPUT_BYTES * targets.length, targets.length).put(targets);
    return new Batch(Arrays.asList(ids), height, width, content, targets);
  }

  private FloatBuffer image(int place) {
    int bytes = Batch.INPUT_BYTES * height * width;
    return Batch.part(content, place * bytes, bytes).asFloatBuffer();
  }

  private IllegalArgumentException wrongSize(Example example, String must) {
    return new IllegalArgumentException(
        "Invalid example %s: %d x %d with %d image bytes and %d label bytes (%s %d x %d)"
            .formatted(
                example.getId(),
                example.getHeight(),
                example.getWidth(),
                example.getImage().size(),
                example.getLabel().size(),
                must,
                height,
                width));
  }

  private void putTargets(Example example, boolean mirrored, int offset) {
    int rows = example.getHeight();
    int columns = example.getWidth();
    if (rows < height || columns < width) {
      Arrays.fill(targets, offset, offset + height * width, (byte) CityscapesLabels.VOID_CLASS);
    }
    for (int y = 0, at = 0; y < rows; y++) {
      for (int x = 0; x < columns; x++, at++) {
        int trainId = example.getLabel().byteAt(at) & 0xFF;
        int column = mirrored ? columns - 1 - x : x;
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
