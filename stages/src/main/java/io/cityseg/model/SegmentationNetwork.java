package io.cityseg.model;

import static java.util.Objects.requireNonNull;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.JniUtils;
import io.cityseg.proto.CheckpointManifest;
import io.cityseg.stage.StageException;
import io.cityseg.store.ArtifactStore;
import io.cityseg.store.StoreException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A network with its weights on a device.
 *
 * <p>Owns its tensors until it is closed. One thread at a time. Training changes the tensors in
 * place; in evaluation they are only read.
 */
public final class SegmentationNetwork implements AutoCloseable {
  private static final int CHANNELS = 3;

  private final DeepLabV3 layers;
  private final NDManager manager;
  private final Map<String, NDArray> state;
  private final Map<String, NDArray> parameters;

  /** The parameters, and running statistics to be thrown away; empty until they are needed. */
  private Map<String, NDArray> aside = Map.of();

  private Precision precision = Precision.FP32;

  /** While it is frozen. */
  private Optional<FoldedWeights> folded = Optional.empty();

  private SegmentationNetwork(DeepLabV3 layers, NDManager manager, Map<String, Tensor> tensors) {
    this.layers = layers;
    this.manager = manager;
    Map<String, NDArray> all = new LinkedHashMap<>();
    Map<String, NDArray> trainable = new LinkedHashMap<>();
    for (StateTensor tensor : layers.tensors()) {
      NDArray array = TorchEngine.array(manager, tensors.get(tensor.name()));
      all.put(tensor.name(), array);
      if (tensor.trainable()) {
        array.setRequiresGradient(true);
        trainable.put(tensor.name(), array);
      }
    }
    this.state = Collections.unmodifiableMap(all);
    this.parameters = Collections.unmodifiableMap(trainable);
  }

  /**
   * Loads a checkpoint of this program's: every tensor there, under torchvision's name, and no
   * other.
   *
   * @param network torchvision's name: "deeplabv3_resnet50"
   * @param numClasses outputs of the two heads
   * @throws StageException when the file cannot be read, or lists all tensors that are missing,
   *     unexpected or of another shape or type
   */
  public static SegmentationNetwork load(
      Path safetensors, String network, int numClasses, Device device) throws StageException {
    NetworkType type = NetworkType.named("network of " + safetensors, network);
    return load(safetensors, DeepLabV3.of(type, numClasses), device);
  }

  static SegmentationNetwork load(Path safetensors, DeepLabV3 layers, Device device)
      throws StageException {
    Map<String, Tensor> tensors =
        StateDict.checked(safetensors.toString(), Safetensors.read(safetensors), layers);
    NDManager manager = TorchEngine.newManager(device);
    try {
      return new SegmentationNetwork(layers, manager, tensors);
    } catch (RuntimeException e) {
      manager.close();
      throw e;
    }
  }

  /** Loads a checkpoint from the store. */
  public static SegmentationNetwork load(
      CheckpointManifest checkpoint, ArtifactStore store, Device device)
      throws StageException, StoreException {
    return load(
        store.file(checkpoint.getWeights()),
        checkpoint.getNetwork(),
        checkpoint.getNumClasses(),
        device);
  }

  /**
   * The logits of a batch, at its size.
   *
   * <p>In evaluation no graph is built, whatever the thread's gradient mode. In training the graph
   * is built when gradients are being collected; running statistics move either way.
   *
   * @param input [N, 3, H, W], float32, normalised ({@link ImageNet}); the logits are attached to
   *     its manager, and it stays open
   * @param training batch statistics and dropout (seeded by {@link TorchEngine#seed}); needs N >=
   *     2, since a branch normalises one value a picture and channel
   * @param withAux whether the auxiliary head runs too; in training its statistics move only then
   * @throws IllegalArgumentException when the input has another shape or type
   */
  public Logits forward(NDArray input, boolean training, boolean withAux) {
    if (training && folded.isPresent()) {
      throw new IllegalStateException("A frozen network cannot be trained: thaw it first");
    }
    return forward(
        input, withAux, new Pass(state, training, Pass.Observer.NONE, folded, Precision.FP32));
  }

  /**
   * The logits of a batch in training, with running statistics of its own that nobody looks at:
   * what a replica beside the first does in torch.nn.DataParallel.
   *
   * @param input as for {@link #forward(NDArray, boolean, boolean)}
   */
  public Logits forwardAside(NDArray input, boolean withAux) {
    if (aside.isEmpty()) {
      Map<String, NDArray> copies = new LinkedHashMap<>(state);
      for (StateTensor tensor : layers.tensors()) {
        if (!tensor.trainable()) {
          copies.put(tensor.name(), state.get(tensor.name()).duplicate());
        }
      }
      aside = Collections.unmodifiableMap(copies);
    }
    return forward(input, withAux, new Pass(aside, true, Pass.Observer.NONE));
  }

  Logits forward(NDArray input, boolean withAux, Pass pass) {
    check(input, pass.training());
    boolean gradients = JniUtils.isGradMode();
    // The mode is the thread's, and on in a fresh one: it would keep the whole graph (2164 MB
    // against 789 MB at 256x512).
    JniUtils.setGradMode(gradients && pass.training());
    try {
      return layers.apply(pass.training() ? pass.in(precision) : pass, input, withAux);
    } finally {
      JniUtils.setGradMode(gradients);
    }
  }

  /** From now on it trains in a precision; it evaluates in float32 all the same. */
  public void trainIn(Precision wanted) {
    precision = requireNonNull(wanted, "wanted");
  }

  /**
   * Makes evaluation faster until {@link #thaw} or the end: batch normalisation is folded into the
   * convolutions' weights, which takes their memory again. The tensors must not change meanwhile.
   */
  public void freeze() {
    if (folded.isEmpty()) {
      folded = Optional.of(new FoldedWeights(state, manager));
    }
  }

  /** Ends {@link #freeze}: the tensors may change again. */
  public void thaw() {
    folded.ifPresent(FoldedWeights::close);
    folded = Optional.empty();
  }

  /**
   * The logits of a batch as the network makes them before they are enlarged, in evaluation: [N, C,
   * h, w], float32, an eighth of the input's size (a sixteenth: mobilenet). For who wants them at
   * another size than the input's.
   *
   * @param input as for {@link #forward(NDArray, boolean, boolean)}
   */
  public NDArray coarseLogits(NDArray input) {
    check(input, false);
    boolean gradients = JniUtils.isGradMode();
    JniUtils.setGradMode(false);
    try {
      return layers.coarse(
          new Pass(state, false, Pass.Observer.NONE, folded, Precision.FP32), input);
    } finally {
      JniUtils.setGradMode(gradients);
    }
  }

  /**
   * Coarse logits [N, C, h, w] at a size that is not smaller, [N, C, height, width]: what {@link
   * #forward(NDArray, boolean, boolean)} makes of them, bit for bit.
   */
  public static NDArray enlarged(NDArray coarse, long height, long width) {
    Shape shape = coarse.getShape();
    return DeepLabV3.enlarged(coarse, new Shape(shape.get(0), shape.get(1), height, width));
  }

  private static void check(NDArray input, boolean training) {
    Shape shape = input.getShape();
    if (shape.dimension() != 4
        || shape.get(0) < (training ? 2 : 1)
        || shape.get(1) != CHANNELS
        || input.getDataType() != DataType.FLOAT32) {
      throw new IllegalArgumentException(
          "Invalid input: %s %s (must be float32 [N, 3, H, W] with N >= %d)"
              .formatted(input.getDataType(), shape, training ? 2 : 1));
    }
  }

  /** Where its tensors live; a step's own arrays belong into a sub-manager. */
  public NDManager manager() {
    return manager;
  }

  /** What training changes by gradient, by torchvision's name and in its order. */
  public Map<String, NDArray> parameters() {
    return parameters;
  }

  /** The whole state dict, running statistics and counters too, in torchvision's order. */
  public Map<String, NDArray> state() {
    return state;
  }

  /**
   * The first tensor with a value that is NaN or infinite, by its name; nothing where all are
   * numbers.
   */
  public Optional<String> firstNotFinite() {
    for (Map.Entry<String, NDArray> tensor : state.entrySet()) {
      if (tensor.getValue().getDataType() == DataType.FLOAT32) {
        // Both are NaN where a value is.
        try (NDArray least = tensor.getValue().min();
            NDArray most = tensor.getValue().max()) {
          if (!Float.isFinite(least.getFloat()) || !Float.isFinite(most.getFloat())) {
            return Optional.of(tensor.getKey());
          }
        }
      }
    }
    return Optional.empty();
  }

  /** Which network it is. */
  NetworkType type() {
    return layers.type();
  }

  /** Outputs of the heads. */
  public int numClasses() {
    return layers.output().out();
  }

  /**
   * Writes the state dict to a safetensors file, under torchvision's names. The same values give
   * the same bytes.
   */
  public void save(Path safetensors) throws StageException {
    Safetensors.write(safetensors, tensors());
  }

  /** The state dict outside the engine; a view that sees later training. */
  Map<String, Tensor> tensors() {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    state.forEach((name, array) -> tensors.put(name, TorchEngine.tensor(array)));
    return tensors;
  }

  /** Frees the weights and everything else that belongs to its manager. */
  @Override
  public void close() {
    manager.close();
  }
}
