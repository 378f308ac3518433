package io.cityseg.model;

import ai.djl.Device;
import ai.djl.pytorch.jni.LibUtils;
import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import io.cityseg.stage.StageException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;

/**
 * PyTorch's {@code torch.use_deterministic_algorithms(True)}, from when it is made until it is
 * closed: cuDNN chooses among its deterministic algorithms alone, and an operation that has none on
 * its device fails and is named, so nothing becomes non-deterministic unseen.
 *
 * <p>Neither DJL nor TorchScript pass the switch on. It is the engine's own, {@code
 * at::Context::setDeterministicAlgorithms} of libtorch_cpu (2.7.1), called by its C++ name. On a
 * CPU it changes nothing that this program computes: its operations there are deterministic for a
 * number of threads. On a GPU two of them are replaced while it is on, as PyTorch's own Python does
 * ({@link BilinearProducts}, {@link Operators#pixelLosses}).
 *
 * <p>The switch is the process's: for the thread whose turn it is with the engine.
 */
public final class DeterministicOperations implements AutoCloseable {
  /** What cuBLAS wants in order to be deterministic (CUDA 10.2 and later). */
  static final String WORKSPACE = "CUBLAS_WORKSPACE_CONFIG";

  private static final Set<String> WORKSPACES = Set.of(":4096:8", ":16:8");

  private static final String CONTEXT = "_ZN2at13globalContextEv";
  private static final String SET = "_ZN2at7Context26setDeterministicAlgorithmsEbb";
  private static final String IS_SET = "_ZNK2at7Context23deterministicAlgorithmsEv";
  private static final String FILL = "_ZN2at7Context39setDeterministicFillUninitializedMemoryEb";

  private final Switch engine;

  private DeterministicOperations(Switch engine) {
    this.engine = engine;
  }

  /**
   * Turns it on for work on a device.
   *
   * @throws StageException when the engine has no such switch, or the environment keeps cuBLAS from
   *     being deterministic
   */
  public static DeterministicOperations on(Device device) throws StageException {
    if (device.isGpu()) {
      checkWorkspace(System.getenv());
    }
    Switch engine = Switch.ofEngine();
    // Memory that is not written yet would be filled with NaN: that finds errors and costs time.
    engine.set(FILL, false);
    engine.set(SET, true);
    return new DeterministicOperations(engine);
  }

  /** Whether it is on, and changes what is computed with: on a GPU. */
  public static boolean change(Device device) {
    return device.isGpu() && areOn();
  }

  /** Whether it is on. */
  static boolean areOn() {
    try {
      return Switch.ofEngine().isSet();
    } catch (StageException e) {
      return false; // what cannot be turned on is off
    }
  }

  static void checkWorkspace(Map<String, String> environment) throws StageException {
    String value = environment.get(WORKSPACE);
    if (value == null || !WORKSPACES.contains(value)) {
      throw new StageException(
          "Cannot train deterministically on a GPU: cuBLAS needs %s=:4096:8 (or :16:8) in the environment for that, which has %s; set it before the program starts, or set train.deterministic to false"
              .formatted(WORKSPACE, value == null ? "none" : "'" + value + "'"));
    }
  }

  /** Turns it off. */
  @Override
  public void close() {
    engine.set(SET, false);
    engine.set(FILL, true);
  }

  /** The engine's global state. */
  private record Switch(NativeLibrary library, Pointer context) {
    static Switch ofEngine() throws StageException {
      TorchEngine.threads();
      Path file = Path.of(LibUtils.getLibtorchPath(), System.mapLibraryName("torch_cpu"));
      try {
        NativeLibrary library = NativeLibrary.getInstance(file.toString());
        return new Switch(library, library.getFunction(CONTEXT).invokePointer(new Object[0]));
      } catch (UnsatisfiedLinkError e) {
        throw new StageException(
            "Cannot train deterministically: the engine's %s has no such switch (%s); set train.deterministic to false"
                .formatted(file, e.getMessage()),
            e);
      }
    }

    /** Calls a method that takes truth values; those that are not given are false. */
    void set(String method, boolean value) {
      Function function = library.getFunction(method);
      function.invokeVoid(new Object[] {context, value ? 1 : 0, 0});
    }

    boolean isSet() {
      return (library.getFunction(IS_SET).invokeInt(new Object[] {context}) & 0xFF) != 0;
    }
  }
}
