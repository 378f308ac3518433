package io.cityseg.model;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.util.Platform;
import ai.djl.util.Utils;
import io.cityseg.proto.Parameter;
import io.cityseg.stage.StageException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/** The tensor engine: DJL's PyTorch, which is loaded on first use, once in a JVM. */
public final class TorchEngine {
  private static final String NAME = "PyTorch";
  private static final String OFFLINE = "ai.djl.offline";
  private static final Pattern PACKAGED_ON = Pattern.compile("(-SNAPSHOT)?(-\\d+)?$");

  private TorchEngine() {}

  /** Whether the engine sees a GPU. */
  public static boolean hasGpu() throws StageException {
    return engine().getGpuCount() > 0;
  }

  /** The device that {@code train.device} names; see {@link #device(String, String)}. */
  public static Device device(String name) throws StageException {
    return device("train.device", name);
  }

  /**
   * The device of that name.
   *
   * @param parameter who names it, for the message: "evaluate.device"
   * @param name "cpu" or "gpu", which is the first one
   * @throws StageException when the engine cannot be loaded or has no such device; nothing falls
   *     back silently
   */
  public static Device device(String parameter, String name) throws StageException {
    Engine engine = engine();
    return switch (name) {
      case "cpu" -> Device.cpu();
      case "gpu" -> {
        if (engine.getGpuCount() == 0) {
          throw new StageException(
              ("%s is gpu, but the engine sees no GPU: it is PyTorch %s %s CUDA; set %s to cpu, or"
                      + " put pytorch-native-cu128 on the class path")
                  .formatted(
                      parameter,
                      engine.getVersion(),
                      engine.hasCapability("CUDA") ? "with" : "without",
                      parameter));
        }
        yield Device.gpu();
      }
      default ->
          throw new StageException(
              "Invalid %s: '%s' (must be 'cpu' or 'gpu')".formatted(parameter, name));
    };
  }

  /**
   * Sets how many threads an operation on the CPU may use, for the calling thread and for those
   * that have not used the engine yet. The last bits of a result depend on it.
   *
   * @param n 0 for as many as there are processors
   */
  public static void threads(int n) throws StageException {
    if (n < 0) {
      throw new IllegalArgumentException("Invalid threads: " + n + " (must be 0 or more)");
    }
    engine();
    JniUtils.setNumThreads(n == 0 ? Runtime.getRuntime().availableProcessors() : n);
  }

  /** How many threads an operation on the CPU may use. */
  public static int threads() throws StageException {
    engine();
    return JniUtils.getNumThreads();
  }

  /** Seeds what the engine draws: dropout. */
  public static void seed(long seed) throws StageException {
    engine();
    JniUtils.setSeed(seed);
  }

  /**
   * The facts of the engine that decide bytes, for keys. Planning needs them where nothing is
   * computed, so they are read from the class path, without loading the engine.
   */
  public static List<Parameter> environment() {
    String override = Utils.getEnvOrSystemProperty("PYTORCH_VERSION");
    String version =
        override == null || override.isEmpty()
            ? withOwnClassLoader(() -> Platform.detectPlatform("pytorch").getVersion())
            : override;
    // "2.7.1-20250812" in the natives' property file: the day of packaging decides no bytes.
    String release = PACKAGED_ON.matcher(version).replaceFirst("");
    return List.of(Parameter.newBuilder().setName("pytorch").setValue(release).build());
  }

  /** Where arrays on a device live until it is closed. */
  static NDManager newManager(Device device) throws StageException {
    return engine().newBaseManager(device);
  }

  /** An array of the engine with a tensor's values, in memory of its own. */
  public static NDArray array(NDManager manager, Tensor tensor) {
    Shape shape = new Shape(tensor.shape().stream().mapToLong(Long::longValue).toArray());
    // The engine would go on reading a direct buffer's own memory: it may be a file's.
    try (NDArray view = manager.create(tensor.bytes(), shape, dataType(tensor.dtype()))) {
      return view.duplicate();
    }
  }

  /**
   * Lets a parameter's gradient go, with its memory. The next backward pass then hands its own
   * over, where it would otherwise add to one of zeros.
   */
  public static void forgetGradient(NDArray parameter) {
    NDArray sameMemory = JniUtils.detachGradient((PtNDArray) parameter);
    sameMemory.setRequiresGradient(true);
    parameter.intern(sameMemory);
  }

  /**
   * An array as a tensor; its bytes are read from the engine whenever they are asked for, so the
   * array must live that long.
   */
  public static Tensor tensor(NDArray array) {
    List<Long> shape = Arrays.stream(array.getShape().getShape()).boxed().toList();
    return new Tensor(
        dtype(array.getDataType()),
        shape,
        () -> array.getDevice().isGpu() ? copied(array) : array.toByteBuffer(true));
  }

  /** A GPU's array. The engine's own way to its bytes leaves a copy behind in host memory. */
  private static ByteBuffer copied(NDArray array) {
    try (NDArray copy = array.toDevice(Device.cpu(), true)) {
      return copy.toByteBuffer(false);
    }
  }

  private static DataType dataType(DType dtype) {
    return switch (dtype) {
      case F32 -> DataType.FLOAT32;
      case F64 -> DataType.FLOAT64;
      case I64 -> DataType.INT64;
      default ->
          throw new IllegalArgumentException(
              "Invalid dtype: " + dtype + " (the network has F32, F64 and I64 alone)");
    };
  }

  private static DType dtype(DataType type) {
    return switch (type) {
      case FLOAT32 -> DType.F32;
      case FLOAT64 -> DType.F64;
      case INT64 -> DType.I64;
      default ->
          throw new IllegalArgumentException(
              "Invalid type: " + type + " (the network has float32, float64 and int64 alone)");
    };
  }

  private static Engine engine() throws StageException {
    // Without it DJL asks a telemetry address, and downloads what it does not find.
    if (System.getProperty(OFFLINE) == null) {
      System.setProperty(OFFLINE, "true");
    }
    try {
      return withOwnClassLoader(() -> Engine.getEngine(NAME));
    } catch (EngineException | IllegalArgumentException e) {
      throw new StageException(
          "Cannot load the engine PyTorch: "
              + e.getMessage()
              + "; are its native libraries for this system on the class path?",
          e);
    }
  }

  /** DJL finds its engine through the thread's class loader, which on a worker may be another. */
  private static <T> T withOwnClassLoader(Supplier<T> action) {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(TorchEngine.class.getClassLoader());
    try {
      return action.get();
    } finally {
      thread.setContextClassLoader(before);
    }
  }
}
