package io.cityseg.model;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Fresh weights, drawn from a seed and each tensor's name.
 *
 * <p>The distributions are PyTorch's and torchvision's: for the backbone's convolutions a normal
 * one of variance 2 / fan-out (He et al. 2015; torchvision's {@code ResNet.__init__} and {@code
 * MobileNetV3.__init__}, which set their biases to 0), for the heads' convolutions, weights and
 * biases, a uniform one within 1 / sqrt(fan-in) ({@code Conv2d.reset_parameters}); batch
 * normalisation begins as the identity.
 *
 * <p>The numbers are this program's own, so that neither the engine nor the Java release decides
 * bytes: SplitMix64 (Steele, Lea and Flood 2014) over the element's index, begun at the FNV-1a-64
 * of "seed|name"; 52 bits to a uniform number in (0, 1); Box-Muller with {@link StrictMath}.
 */
final class FreshWeights {
  private static final String BACKBONE = "backbone.";

  private final long seed;

  FreshWeights(long seed) {
    this.seed = seed;
  }

  /** A tensor's first values, which are drawn when its bytes are asked for. */
  Tensor of(StateTensor tensor) {
    return switch (tensor.role()) {
      case CONVOLUTION_WEIGHT -> new Tensor(tensor.dtype(), tensor.shape(), () -> drawn(tensor));
      case CONVOLUTION_BIAS ->
          tensor.name().startsWith(BACKBONE)
              ? constant(tensor, 0f)
              : new Tensor(tensor.dtype(), tensor.shape(), () -> drawn(tensor));
      case NORM_WEIGHT, RUNNING_VARIANCE -> constant(tensor, 1f);
      case NORM_BIAS, RUNNING_MEAN -> constant(tensor, 0f);
      case BATCHES_TRACKED -> Tensor.scalar(0);
    };
  }

  private static Tensor constant(StateTensor tensor, float value) {
    return new Tensor(
        tensor.dtype(),
        tensor.shape(),
        () -> {
          ByteBuffer bytes = allocate(tensor);
          FloatBuffer values = bytes.asFloatBuffer();
          while (values.hasRemaining()) {
            values.put(value);
          }
          return bytes;
        });
  }

  private ByteBuffer drawn(StateTensor tensor) {
    ByteBuffer bytes = allocate(tensor);
    long key = key(seed + "|" + tensor.name());
    if (tensor.name().startsWith(BACKBONE)) {
      long fanOut = tensor.shape().get(0) * tensor.shape().get(2) * tensor.shape().get(3);
      fillNormal(key, StrictMath.sqrt(2.0 / fanOut), bytes.asFloatBuffer());
    } else {
      fillUniform(key, 1 / StrictMath.sqrt(tensor.fanIn()), bytes.asFloatBuffer());
    }
    return bytes;
  }

  private static ByteBuffer allocate(StateTensor tensor) {
    long bytes = Tensor.byteCount(tensor.dtype(), tensor.shape());
    return ByteBuffer.allocate(Math.toIntExact(bytes)).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static void fillUniform(long key, double bound, FloatBuffer values) {
    for (int i = 0; values.hasRemaining(); i++) {
      values.put((float) ((2 * uniform(key, i) - 1) * bound));
    }
  }

  private static void fillNormal(long key, double deviation, FloatBuffer values) {
    for (int i = 0; values.hasRemaining(); i += 2) {
      double radius = deviation * StrictMath.sqrt(-2 * StrictMath.log(uniform(key, i)));
      double angle = 2 * Math.PI * uniform(key, i + 1);
      values.put((float) (radius * StrictMath.cos(angle)));
      if (values.hasRemaining()) {
        values.put((float) (radius * StrictMath.sin(angle)));
      }
    }
  }

  /** In (0, 1), never 0 or 1: the middle of one of 2^52 equal intervals. */
  private static double uniform(long key, int index) {
    long bits = mix(key + (index + 1L) * 0x9E3779B97F4A7C15L) >>> 12;
    return (bits + 0.5) * 0x1p-52;
  }

  private static long mix(long z) {
    long x = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    x = (x ^ (x >>> 27)) * 0x94D049BB133111EBL;
    return x ^ (x >>> 31);
  }

  private static long key(String text) {
    long hash = 0xCBF29CE484222325L;
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (b & 0xFF)) * 0x100000001B3L;
    }
    return hash;
  }
}
