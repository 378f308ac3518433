package io.cityseg.model;

import io.cityseg.stage.StageException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The weights that the golden values were made with: every value follows from the tensor's name and
 * its index, exact in float32.
 */
public final class FormulaWeights {
  private static final String SALT = "deeplab-oracle-1";

  private FormulaWeights() {}

  /** The state dict of the network with 20 classes. */
  public static Map<String, Tensor> all() {
    return all(DeepLabV3.of(20));
  }

  /** The state dict of the network of that name with 20 classes. */
  public static Map<String, Tensor> all(String network) throws StageException {
    return all(DeepLabV3.of(NetworkType.named("network", network), 20));
  }

  /** The state dict of a network. */
  static Map<String, Tensor> all(DeepLabV3 network) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (StateTensor tensor : network.tensors()) {
      tensors.put(tensor.name(), of(tensor));
    }
    return tensors;
  }

  /** The input of a shape, [N, 3, H, W]. */
  public static float[] input(int n, int height, int width) {
    ByteBuffer bytes =
        values("input:%dx3x%dx%d".formatted(n, height, width), n * 3 * height * width, 0f, 1);
    float[] values = new float[bytes.remaining() / 4];
    bytes.asFloatBuffer().get(values);
    return values;
  }

  /** A network of these weights on the CPU, whose dropout is off, as the goldens' is. */
  public static SegmentationNetwork networkWithoutDropout(Path folder) throws StageException {
    Path file = folder.resolve("formula.safetensors");
    Safetensors.write(file, all());
    return SegmentationNetwork.load(
        file, DeepLabV3.of(20).withoutDropout(), TorchEngine.device("cpu"));
  }

  /** The labels of a batch [N, H, W] in blocks of 16 x 16; where ignored, 1 in 8 is 255. */
  public static int[] labels(int n, int height, int width, boolean ignored) {
    String size = n + "x" + height + "x" + width;
    long key = key("labels:" + size);
    long ignoredKey = key("ignored:" + size);
    int rows = (height + 15) / 16;
    int columns = (width + 15) / 16;
    int[] labels = new int[n * height * width];
    for (int i = 0; i < labels.length; i++) {
      int x = i % width;
      int y = i / width % height;
      long picture = i / (width * height);
      long block = (picture * rows + y / 16) * columns + x / 16;
      boolean skip = ignored && z(ignoredKey, i) >>> 61 == 0;
      labels[i] = skip ? 255 : (int) ((z(key, block) >>> 33) % 20);
    }
    return labels;
  }

  private static Tensor of(StateTensor tensor) {
    int count = Math.toIntExact(Tensor.byteCount(tensor.dtype(), tensor.shape()) / 4);
    String name = tensor.name();
    return switch (tensor.role()) {
      case BATCHES_TRACKED -> Tensor.scalar(0);
      case CONVOLUTION_WEIGHT -> {
        int e = 0;
        while (8L << (-2 * e) < tensor.fanIn()) {
          e--;
        }
        yield lazy(tensor, count, 0f, e);
      }
      case RUNNING_VARIANCE -> lazy(tensor, count, 1f, -2);
      case NORM_WEIGHT ->
          name.endsWith(".bn3.weight")
              ? lazy(tensor, count, 0.125f, -5)
              : lazy(tensor, count, 1f, -2);
      case RUNNING_MEAN, NORM_BIAS, CONVOLUTION_BIAS -> lazy(tensor, count, 0f, -3);
    };
  }

  private static Tensor lazy(StateTensor tensor, int count, float offset, int e) {
    return new Tensor(
        tensor.dtype(), tensor.shape(), () -> values(tensor.name(), count, offset, e));
  }

  private static ByteBuffer values(String name, int count, float offset, int e) {
    long key = key(name);
    float scale = Math.scalb(1f, e - 19);
    ByteBuffer bytes = ByteBuffer.allocate(4 * count).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < count; i++) {
      bytes.putFloat(4 * i, offset + ((int) (z(key, i) >>> 44) - 524288) * scale);
    }
    return bytes;
  }

  private static long key(String name) {
    long key = 0xCBF29CE484222325L;
    for (byte b : (SALT + "|" + name).getBytes(StandardCharsets.UTF_8)) {
      key = (key ^ (b & 0xFF)) * 0x100000001B3L;
    }
    return key;
  }

  private static long z(long key, long i) {
    long x = key + (i + 1) * 0x9E3779B97F4A7C15L;
    x = (x ^ (x >>> 30)) * 0xBF58476D1CE4E5B9L;
    x = (x ^ (x >>> 27)) * 0x94D049BB133111EBL;
    return x ^ (x >>> 31);
  }
}
