package io.cityseg.model;

import io.cityseg.stage.StageException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What a pickle of torch.save may name: the list is this class, and nothing on it does anything but
 * describe a tensor. Any other global is refused by its name.
 *
 * <p>The functions' arguments are those of torch 2.15's {@code torch/_utils.py}.
 */
final class TorchObjects implements PickleMachine.Objects {
  private enum Function {
    ORDERED_DICT("collections", "OrderedDict"),
    REBUILD_TENSOR("torch._utils", "_rebuild_tensor"),
    REBUILD_TENSOR_V2("torch._utils", "_rebuild_tensor_v2"),
    REBUILD_PARAMETER("torch._utils", "_rebuild_parameter");

    private final String module;
    private final String function;

    Function(String module, String function) {
      this.module = module;
      this.function = function;
    }
  }

  /** Storage classes of torch, whose names are all that a file says of a storage's type. */
  private enum StorageType {
    FloatStorage(DType.F32),
    DoubleStorage(DType.F64),
    HalfStorage(DType.F16),
    BFloat16Storage(DType.BF16),
    LongStorage(DType.I64),
    IntStorage(DType.I32),
    ShortStorage(DType.I16),
    CharStorage(DType.I8),
    ByteStorage(DType.U8),
    BoolStorage(DType.BOOL);

    private final DType dtype;

    StorageType(DType dtype) {
      this.dtype = dtype;
    }
  }

  private final Map<String, StoredElements> storages = new LinkedHashMap<>();

  /** The storages that the pickle spoke of, by their key. */
  Map<String, StoredElements> storages() {
    return storages;
  }

  /** torch's class for storages of a type. */
  static String storageClass(DType dtype) {
    for (StorageType type : StorageType.values()) {
      if (type.dtype == dtype) {
        return type.name();
      }
    }
    throw new IllegalArgumentException("Invalid type: " + dtype + " (torch has no storage of it)");
  }

  @Override
  public Object global(String module, String name) throws StageException {
    if (module.equals("torch")) {
      for (StorageType type : StorageType.values()) {
        if (type.name().equals(name)) {
          return type;
        }
      }
    }
    Optional<Function> function =
        Arrays.stream(Function.values())
            .filter(known -> known.module.equals(module) && known.function.equals(name))
            .findFirst();
    if (function.isEmpty()) {
      throw new StageException(
          ("it is a program that uses %s.%s, which is not on the list of what weights may use (%s);"
                  + " nothing of it was executed: save the state dict alone,"
                  + " torch.save(model.state_dict(), ...)")
              .formatted(
                  shortened(module),
                  shortened(name),
                  Arrays.stream(Function.values())
                      .map(known -> known.function)
                      .collect(Collectors.joining(", ", "", ", torch.*Storage"))));
    }
    return function.get();
  }

  private static String shortened(String name) {
    return name.length() <= 100 ? name : name.substring(0, 100) + "...";
  }

  @Override
  public Object call(Object function, List<Object> arguments) throws StageException {
    if (!(function instanceof Function known)) {
      throw new StageException("its pickle calls something that is no function");
    }
    return switch (known) {
      case ORDERED_DICT -> {
        expect(arguments.isEmpty(), "OrderedDict has arguments (must have none)");
        yield new LinkedHashMap<>();
      }
      case REBUILD_TENSOR -> {
        expect(arguments.size() == 4, "_rebuild_tensor has not 4 arguments");
        yield tensor(arguments);
      }
      case REBUILD_TENSOR_V2 -> {
        expect(
            arguments.size() == 6 || arguments.size() == 7,
            "_rebuild_tensor_v2 has neither 6 nor 7 arguments");
        requireNoHooks(arguments.get(5));
        // a negated or conjugated view would have other values than its storage
        expect(
            arguments.size() == 6 || isNothing(arguments.get(6)),
            "a tensor is a lazily negated or conjugated view");
        yield tensor(arguments);
      }
      case REBUILD_PARAMETER -> {
        expect(
            arguments.size() == 3 && arguments.get(0) instanceof StridedTensor,
            "_rebuild_parameter has not a tensor and 2 more arguments");
        requireNoHooks(arguments.get(2));
        yield arguments.get(0);
      }
    };
  }

  private static boolean isNothing(Object value) {
    return value == PickleMachine.Nothing.NONE || (value instanceof Map<?, ?> m && m.isEmpty());
  }

  private static void requireNoHooks(Object hooks) throws StageException {
    expect(isNothing(hooks), "a tensor has backward hooks, which are programs");
  }

  private static StridedTensor tensor(List<Object> arguments) throws StageException {
    expect(
        arguments.get(0) instanceof StoredElements && arguments.get(1) instanceof Long,
        "a tensor has no storage or no offset");
    List<Long> shape = numbers("shape", arguments.get(2));
    List<Long> strides = numbers("strides", arguments.get(3));
    StoredElements storage = (StoredElements) arguments.get(0);
    try {
      return new StridedTensor(storage, (Long) arguments.get(1), shape, strides);
    } catch (IllegalArgumentException e) {
      throw new StageException(
          "a tensor in storage '%s' is impossible: %s".formatted(storage.key(), e.getMessage()), e);
    }
  }

  private static List<Long> numbers(String what, Object value) throws StageException {
    expect(
        value instanceof PickleMachine.Tuple tuple
            && tuple.items().size() <= MAX_DIMENSIONS
            && tuple.items().stream().allMatch(Long.class::isInstance),
        "a tensor's " + what + " is not a tuple of at most " + MAX_DIMENSIONS + " numbers");
    return ((PickleMachine.Tuple) value).items().stream().map(Long.class::cast).toList();
  }

  /** numpy's limit too. */
  private static final int MAX_DIMENSIONS = 64;

  /** A state dict carries its modules' versions as the attribute _metadata, which says nothing. */
  @Override
  public void attributes(Object target, Object state) throws StageException {
    expect(
        target instanceof Map<?, ?> && state instanceof Map<?, ?>,
        "it gives attributes to something else than an OrderedDict");
  }

  /**
   * A storage: ("storage", class, key, device, number of elements), and in the legacy format a
   * view, which torch has not written since 0.4.
   */
  @Override
  public Object outside(Object name) throws StageException {
    expect(
        name instanceof PickleMachine.Tuple tuple
            && (tuple.items().size() == 5 || tuple.items().size() == 6)
            && "storage".equals(tuple.items().get(0))
            && tuple.items().get(1) instanceof StorageType
            && tuple.items().get(2) instanceof String
            && tuple.items().get(4) instanceof Long,
        "it refers to something else than a storage");
    List<Object> items = ((PickleMachine.Tuple) name).items();
    expect(
        items.size() == 5 || items.get(5) == PickleMachine.Nothing.NONE,
        "it has a view of a storage of torch before 0.4; save it anew with a later torch");
    String key = (String) items.get(2);
    StoredElements storage;
    try {
      storage = new StoredElements(key, ((StorageType) items.get(1)).dtype, (Long) items.get(4));
    } catch (IllegalArgumentException e) {
      throw new StageException("storage '" + key + "' is impossible: " + e.getMessage(), e);
    }
    StoredElements before = storages.putIfAbsent(key, storage);
    expect(
        before == null || before.equals(storage),
        "storage '" + key + "' is spoken of with different types or sizes");
    return storage;
  }

  private static void expect(boolean holds, String otherwise) throws StageException {
    if (!holds) {
      throw new StageException(otherwise);
    }
  }
}
