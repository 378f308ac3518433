package io.cityseg.model;

import static java.util.Objects.requireNonNull;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;

/**
 * PyTorch's functions that DJL's interface lacks, from a TorchScript archive ({@code operators.py}
 * beside it makes it). Gradients flow through them.
 *
 * <p>A result belongs to the manager of the first argument. For the thread whose turn it is with
 * the engine.
 */
public final class Operators {
  private static final String ARCHIVE = "operators.pt";

  /** What an argument's name must begin with for DJL to take it as a method's name. */
  private static final String METHOD = "module_method:";

  private Operators() {}

  /** The archive has no state; it is loaded on first use, and lives as long as the engine. */
  private static final class Loaded {
    private static final PtSymbolBlock MODULE = module();

    private static PtSymbolBlock module() {
      try (InputStream archive = Operators.class.getResourceAsStream(ARCHIVE)) {
        var manager = (PtNDManager) Engine.getEngine("PyTorch").newBaseManager(Device.cpu());
        return JniUtils.loadModule(manager, requireNonNull(archive, ARCHIVE), false, false);
      } catch (IOException e) {
        throw new UncheckedIOException("Cannot read " + ARCHIVE + " on the class path", e);
      }
    }
  }

  /** Sets negative values to 0 in place. The result is the same memory under another handle. */
  static NDArray relu(NDArray x) {
    return run("relu", x);
  }

  /** Adds y to x and sets negative values to 0, in x's memory, under another handle. */
  static NDArray addRelu(NDArray x, NDArray y) {
    return run("add_relu", x, y);
  }

  /** The same [N, C, H, W] over memory in the order [N, H, W, C]. */
  static NDArray channelsLast(NDArray x) {
    return run("channels_last", x);
  }

  /** The values in bfloat16. DJL's own conversion ends the JVM, and it cannot tell this type. */
  static NDArray toBfloat16(NDArray x) {
    return run("to_bfloat16", x);
  }

  /** The values in float32. */
  static NDArray toFloat32(NDArray x) {
    return run("to_float32", x);
  }

  /**
   * PyTorch's {@code cross_entropy}: the mean over all pixels of minus the target's log-softmax, a
   * scalar.
   *
   * @param logits [N, C, H, W], float32
   * @param targets int64 [N, H, W], classes 0..C-1
   */
  public static NDArray crossEntropy(NDArray logits, NDArray targets) {
    return run("cross_entropy", logits, targets);
  }

  /**
   * The cross entropy of every pixel, [N, H, W]. On a GPU its sum is deterministic, where {@link
   * #crossEntropy} adds atomically.
   *
   * @param logits [N, C, H, W], float32
   * @param targets int64 [N, H, W], classes 0..C-1
   */
  public static NDArray pixelLosses(NDArray logits, NDArray targets) {
    return run("pixel_losses", logits, targets);
  }

  /**
   * One step of Adam in place, PyTorch's {@code torch.optim.Adam(fused=True)}.
   *
   * @param tensors what is changed, element by element of the lists, each of one device
   * @param step number of this update, from 1; a float32 scalar on the same device
   */
  public static void adam(
      AdamTensors tensors, NDArray step, double rate, double beta1, double beta2, double epsilon) {
    NDArray[] steps = new NDArray[tensors.parameters().size()];
    Arrays.fill(steps, step);
    IValue[] arguments = {
      list(tensors.parameters()),
      list(tensors.gradients()),
      list(tensors.means()),
      list(tensors.squares()),
      list(List.of(steps)),
      IValue.from(rate),
      IValue.from(beta1),
      IValue.from(beta2),
      IValue.from(epsilon)
    };
    try {
      IValueUtils.runMethod(Loaded.MODULE, "adam", arguments).close();
    } finally {
      Arrays.stream(arguments).forEach(IValue::close);
    }
  }

  /**
   * What an update of Adam reads and changes.
   *
   * @param parameters are changed
   * @param gradients of each parameter
   * @param means running means of the gradients; are changed
   * @param squares running means of their squares; are changed
   */
  public record AdamTensors(
      List<NDArray> parameters,
      List<NDArray> gradients,
      List<NDArray> means,
      List<NDArray> squares) {}

  /**
   * A convolution with a bias and, if wanted, the ReLU after it; no gradients flow.
   *
   * @param padding rows above and below, columns left and right
   */
  static NDArray convolution(
      NDArray x, Folded layer, int stride, Shape padding, int dilation, boolean relu) {
    return evaluated(
        "convolution",
        x,
        IValue.from((PtNDArray) x),
        IValue.from((PtNDArray) layer.weight()),
        IValue.from((PtNDArray) layer.bias()),
        IValue.listFrom(stride, stride),
        IValue.listFrom(padding.getShape()),
        IValue.listFrom(dilation, dilation),
        IValue.from(relu));
  }

  /** The ReLU of a shortcut and a 1x1 convolution of x added; no gradients flow. */
  static NDArray residual(NDArray x, Folded layer, NDArray shortcut) {
    return evaluated(
        "residual",
        x,
        IValue.from((PtNDArray) x),
        IValue.from((PtNDArray) layer.weight()),
        IValue.from((PtNDArray) layer.bias()),
        IValue.from((PtNDArray) shortcut));
  }

  /** A convolution's weight [out, in, h, w] and bias [out]. */
  record Folded(NDArray weight, NDArray bias) {}

  private static NDArray evaluated(String name, NDArray x, IValue... arguments) {
    try (IValue result = IValueUtils.runMethod(Loaded.MODULE, name, arguments)) {
      return result.toTensor((PtNDManager) x.getManager());
    } finally {
      Arrays.stream(arguments).forEach(IValue::close);
    }
  }

  private static IValue list(List<NDArray> arrays) {
    return IValue.listFrom(arrays.toArray(PtNDArray[]::new));
  }

  private static NDArray run(String name, NDArray... arguments) {
    // Of this thread; without it the first calls of each function are profiled and recompiled.
    JniUtils.setGraphExecutorOptimize(false);
    NDList inputs = new NDList(arguments);
    try (NDArray method = arguments[0].getManager().create(0f)) {
      method.setName(METHOD + name);
      inputs.add(method);
      return IValueUtils.forward(Loaded.MODULE, inputs, true).singletonOrThrow();
    }
  }
}
