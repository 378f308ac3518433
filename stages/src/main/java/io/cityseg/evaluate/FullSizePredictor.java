package io.cityseg.evaluate;

import static java.util.Objects.requireNonNull;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.cityseg.image.GreyImage;
import io.cityseg.image.PixelSize;
import io.cityseg.image.Resize;
import io.cityseg.image.RgbImage;
import io.cityseg.labels.CityscapesLabels;
import io.cityseg.model.ImageNet;
import io.cityseg.model.SegmentationNetwork;
import io.cityseg.stage.StageException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * The class of every pixel of an image, at the image's own resolution.
 *
 * <p>The class is chosen among the 19 that the official evaluation counts. A network with an output
 * for void has it left out before anything else: void is never right there (void ground truth is
 * not counted, and on all other pixels it is a miss), and a network without the output, as the
 * published ones are, has to choose among the 19, too.
 *
 * <p>The network's logits, an eighth of its input's size, are enlarged to the image's resolution in
 * one step, and the largest is taken; of equal ones the lowest class, as torch.argmax does. Windows
 * and averages are those of mmsegmentation ({@code slide_inference}, {@code aug_test} of {@code
 * encoder_decoder.py}): a window's logits are enlarged to the window's size and averaged where
 * windows overlap; every scale's and mirror image's probabilities (softmax) are averaged at the
 * image's resolution.
 *
 * <p>One image at a time, by one thread that has the engine's turn. Everything is closed when a
 * method returns.
 */
public final class FullSizePredictor {
  private static final int CHANNELS = 3;
  private static final byte[] ID_OF_CLASS = ids();

  private final SegmentationNetwork network;
  private final FullSizeOptions options;

  /** Every image's input in turn: direct memory is given back late. */
  private ByteBuffer buffer = ByteBuffer.allocateDirect(0);

  /**
   * A predictor.
   *
   * @param network stays open
   */
  public FullSizePredictor(SegmentationNetwork network, FullSizeOptions options) {
    this.network = requireNonNull(network, "network");
    if (network.numClasses() < CityscapesLabels.VOID_CLASS) {
      throw new IllegalArgumentException(
          "Invalid network: %d classes (must be %d at least, the trainIds)"
              .formatted(network.numClasses(), CityscapesLabels.VOID_CLASS));
    }
    this.options = requireNonNull(options, "options");
  }

  /**
   * Classes 0..18, [H, W] as the image.
   *
   * @param name the image, for messages
   * @throws StageException when the logits are not finite numbers, or a scale makes no image
   */
  public GreyImage predict(RgbImage image, String name) throws StageException {
    PixelSize size = new PixelSize(image.height(), image.width());
    if (options.scales().size() == 1 && !options.flip()) {
      try (NDManager scope = network.manager().newSubManager()) {
        return classes(logits(scope, image, options.scales().get(0), false, name), size);
      }
    }
    try (ProbabilitySum sum = new ProbabilitySum(network.manager(), size)) {
      for (double scale : options.scales()) {
        for (boolean mirrored : options.flip() ? List.of(false, true) : List.of(false)) {
          try (NDManager scope = network.manager().newSubManager()) {
            sum.add(logits(scope, image, scale, mirrored, name), mirrored);
          }
        }
      }
      return sum.classes();
    }
  }

  /** Classes 0..18 as regular ids. */
  public static GreyImage regularIds(GreyImage classes) {
    byte[] ids = new byte[classes.pixels().length];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = ID_OF_CLASS[classes.pixels()[i]];
    }
    return new GreyImage(classes.height(), classes.width(), ids);
  }

  /**
   * The classes of one image's logits.
   *
   * @param logits [19, h, w], as {@link #evaluated} gives them
   * @param size of the result
   */
  static GreyImage classes(NDArray logits, PixelSize size) {
    byte[] classes = new byte[size.height() * size.width()];
    try (LogitBands bands = new LogitBands(logits, size)) {
      for (int i = 0; i < bands.count(); i++) {
        try (NDArray band = bands.band(i)) {
          put(band, classes, bands.firstRow(i) * size.width());
        }
      }
    }
    return new GreyImage(size.height(), size.width(), classes);
  }

  /** Puts the first largest class of every pixel of [C, rows, width] into an image. */
  static void put(NDArray band, byte[] classes, int offset) {
    try (NDArray largest = band.argMax(0);
        NDArray narrow = largest.toType(DataType.UINT8, false)) {
      byte[] part = narrow.toByteArray();
      System.arraycopy(part, 0, classes, offset, part.length);
    }
  }

  /**
   * The logits of an image of a batch for the classes that are evaluated, [19, h, w].
   *
   * @param logits [N, C, h, w]
   */
  static NDArray evaluated(NDArray logits, int image) {
    return logits.get(new NDIndex("{}, 0:{}", image, CityscapesLabels.VOID_CLASS));
  }

  /** The largest of NaNs is the first class everywhere, which would pass for a result. */
  private static void requireFinite(NDArray logits, String what) throws StageException {
    try (NDArray sum = logits.sum()) {
      if (!Float.isFinite(sum.getFloat())) {
        throw new StageException(
            "Cannot predict %s: its logits are not finite numbers; the checkpoint's training diverged, or its weights are damaged"
                .formatted(what));
      }
    }
  }

  /** The logits at one scale, [19, h, w]. */
  private NDArray logits(
      NDManager scope, RgbImage image, double scale, boolean mirrored, String name)
      throws StageException {
    PixelSize size;
    try {
      size = options.inputSize(image, scale);
    } catch (IllegalArgumentException e) {
      throw new StageException("Cannot predict " + name + ": " + e.getMessage(), e);
    }
    try (NDArray input =
        input(scope, Resize.bilinear(image, size.height(), size.width()), mirrored)) {
      NDArray logits =
          options.windows().isPresent()
              ? slide(input, options.windows().get().over(size), size)
              : network.coarseLogits(input);
      requireFinite(logits, name);
      return evaluated(logits, 0);
    }
  }

  private NDArray input(NDManager scope, RgbImage image, boolean mirrored) {
    int bytes = Math.multiplyExact(image.pixels().length, Float.BYTES);
    if (buffer.capacity() < bytes) {
      buffer = ByteBuffer.allocateDirect(bytes);
    }
    ByteBuffer values = buffer.slice(0, bytes).order(ByteOrder.nativeOrder());
    ImageNet.normalize(
        image.pixels(), image.height(), image.width(), mirrored, values.asFloatBuffer());
    return scope.create(
        values, new Shape(1, CHANNELS, image.height(), image.width()), DataType.FLOAT32);
  }

  /** The windows' logits at the input's size, averaged where they overlap: [1, C, H, W]. */
  private NDArray slide(NDArray input, List<SlidingWindows.Window> windows, PixelSize size) {
    NDManager scope = input.getManager();
    NDArray sum = scope.zeros(new Shape(1, network.numClasses(), size.height(), size.width()));
    float[] counts = new float[size.height() * size.width()];
    for (SlidingWindows.Window window : windows) {
      NDIndex place =
          new NDIndex(
              ":, :, {}:{}, {}:{}", window.top(), window.bottom(), window.left(), window.right());
      try (NDArray part = input.get(place);
          NDArray coarse = network.coarseLogits(part);
          NDArray logits =
              SegmentationNetwork.enlarged(
                  coarse, window.bottom() - window.top(), window.right() - window.left());
          NDArray view = sum.get(place)) {
        view.addi(logits);
      }
      for (int y = window.top(); y < window.bottom(); y++) {
        for (int x = window.left(); x < window.right(); x++) {
          counts[y * size.width() + x]++;
        }
      }
    }
    try (NDArray divisors = scope.create(counts, new Shape(1, 1, size.height(), size.width()))) {
      return sum.divi(divisors);
    }
  }

  private static byte[] ids() {
    byte[] ids = new byte[CityscapesLabels.VOID_CLASS];
    for (int c = 0; c < ids.length; c++) {
      ids[c] = (byte) CityscapesLabels.ofClass(c).id();
    }
    return ids;
  }
}
