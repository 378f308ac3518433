package io.cityseg.model;

import io.cityseg.stage.StageException;
import java.math.BigInteger;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Python's pickle as data: the opcodes that torch.save writes for dictionaries of tensors (Python's
 * {@code pickletools} describes them; PyTorch's {@code _weights_only_unpickler.py} takes about the
 * same ones).
 *
 * <p>A pickle is a program for a stack machine whose only power is to call what it names. Here
 * every name goes to {@link Objects}, which knows a few and calls none of Python's; every other
 * opcode is an error. Values are String, Long, BigInteger, Double, Boolean, {@link Nothing}, {@link
 * Tuple}, List, Map, and what {@link Objects} makes. They share their parts as the pickle's memo
 * does and may contain themselves: whoever walks them must not follow them blindly.
 */
final class PickleMachine {
  /** Opcodes in a pickle: bounds the memory of one that only makes objects. */
  private static final int MAX_OPERATIONS = 2_000_000;

  private static final int MAX_PROTOCOL = 5;

  /** What a pickle's names stand for. */
  interface Objects {
    /**
     * The value of a global.
     *
     * @throws StageException when it is not on the list
     */
    Object global(String module, String name) throws StageException;

    /** The value of a call. */
    Object call(Object function, List<Object> arguments) throws StageException;

    /** Gives an object its attributes. */
    void attributes(Object target, Object state) throws StageException;

    /** The value that lies outside the pickle under this name. */
    Object outside(Object name) throws StageException;
  }

  /** Python's None. */
  enum Nothing {
    NONE
  }

  /** Python's tuple. */
  record Tuple(List<Object> items) {}

  private final PickleInput in;
  private final Objects objects;
  private final Map<Long, Object> memo = new HashMap<>();
  private final Deque<List<Object>> outer = new ArrayDeque<>();
  private List<Object> stack = new ArrayList<>();

  private PickleMachine(PickleInput in, Objects objects) {
    this.in = in;
    this.objects = objects;
  }

  /**
   * Reads one pickle; the input then stands after it.
   *
   * @throws StageException whose message says what is wrong, for a caller that adds the file
   */
  static Object read(PickleInput in, Objects objects) throws StageException {
    return new PickleMachine(in, objects).run();
  }

  private Object run() throws StageException {
    for (int i = 0; i < MAX_OPERATIONS; i++) {
      int opcode = in.u1();
      if (opcode == '.') {
        Object result = pop();
        if (!stack.isEmpty() || !outer.isEmpty()) {
          throw new StageException("its pickle ends with more than one value, at " + in.place());
        }
        return result;
      }
      if (!constant(opcode) && !container(opcode) && !memory(opcode)) {
        object(opcode);
      }
    }
    throw new StageException(
        "its pickle has more than " + MAX_OPERATIONS + " opcodes: hardly a file of weights");
  }

  private boolean constant(int opcode) throws StageException {
    switch (opcode) {
      case 'N' -> push(Nothing.NONE);
      case 0x88 -> push(true);
      case 0x89 -> push(false);
      case 'K' -> push((long) in.u1());
      case 'M' -> push((long) in.u2());
      case 'J' -> push((long) in.s4());
      case 0x8A -> push(in.integer(in.u1()));
      case 'G' -> push(in.bigEndianDouble());
      case 'X', 'T' -> push(in.text(in.u4()));
      case 'U', 0x8C -> push(in.text(in.u1()));
      case 0x8D -> push(in.text(in.s8()));
      default -> {
        return false;
      }
    }
    return true;
  }

  private boolean container(int opcode) throws StageException {
    switch (opcode) {
      case '(' -> {
        outer.push(stack);
        stack = new ArrayList<>();
      }
      case ')' -> push(new Tuple(List.of()));
      case 0x85 -> push(new Tuple(popLast(1)));
      case 0x86 -> push(new Tuple(popLast(2)));
      case 0x87 -> push(new Tuple(popLast(3)));
      case 't' -> push(new Tuple(popToMark()));
      case ']' -> push(new ArrayList<>());
      case '}' -> push(new LinkedHashMap<>());
      case 'a' -> append(popLast(1));
      case 'e' -> append(popToMark());
      case 's' -> put(popLast(2));
      case 'u' -> put(popToMark());
      default -> {
        return false;
      }
    }
    return true;
  }

  private boolean memory(int opcode) throws StageException {
    switch (opcode) {
      case 'q' -> memo.put((long) in.u1(), top());
      case 'r' -> memo.put(in.u4(), top());
      case 0x94 -> memo.put((long) memo.size(), top());
      case 'h' -> push(remembered(in.u1()));
      case 'j' -> push(remembered(in.u4()));
      case 0x80 -> {
        int protocol = in.u1();
        if (protocol > MAX_PROTOCOL) {
          throw new StageException(
              "its pickle is of protocol %d (must be at most %d)"
                  .formatted(protocol, MAX_PROTOCOL));
        }
      }
      // a frame's length only helps to read ahead
      case 0x95 -> in.s8();
      default -> {
        return false;
      }
    }
    return true;
  }

  private void object(int opcode) throws StageException {
    switch (opcode) {
      case 'c' -> push(objects.global(in.line(), in.line()));
      case 0x93 -> {
        List<Object> names = popLast(2);
        if (!(names.get(0) instanceof String module) || !(names.get(1) instanceof String name)) {
          throw new StageException("its pickle names a global by no text, at " + in.place());
        }
        push(objects.global(module, name));
      }
      case 'R' -> {
        List<Object> call = popLast(2);
        if (!(call.get(1) instanceof Tuple arguments)) {
          throw new StageException("its pickle calls with no tuple, at " + in.place());
        }
        push(objects.call(call.get(0), arguments.items()));
      }
      case 'b' -> {
        Object state = pop();
        objects.attributes(top(), state);
      }
      case 'Q' -> push(objects.outside(pop()));
      // names a class and makes an object of it at once
      case 'i' -> {
        objects.global(in.line(), in.line());
        throw unknown(opcode);
      }
      default -> throw unknown(opcode);
    }
  }

  private StageException unknown(int opcode) {
    return new StageException(
        "its pickle has opcode 0x%02x before %s, which no file of weights needs"
            .formatted(opcode, in.place()));
  }

  private void append(List<Object> items) throws StageException {
    if (!(top() instanceof List<?>)) {
      throw new StageException("its pickle appends to something else than a list, " + in.place());
    }
    list(top()).addAll(items);
  }

  private void put(List<Object> keysAndValues) throws StageException {
    if (!(top() instanceof Map<?, ?>) || keysAndValues.size() % 2 != 0) {
      throw new StageException(
          "its pickle sets items of something else than a dict, " + in.place());
    }
    Map<Object, Object> dict = dict(top());
    for (int i = 0; i < keysAndValues.size(); i += 2) {
      Object key = keysAndValues.get(i);
      if (!(key instanceof String
          || key instanceof Long
          || key instanceof BigInteger
          || key instanceof Double
          || key instanceof Boolean)) {
        throw new StageException(
            "its pickle has a dict with a key that is neither text nor a number, " + in.place());
      }
      if (dict.put(key, keysAndValues.get(i + 1)) != null) {
        throw new StageException("its pickle has the key '" + key + "' twice in a dict");
      }
    }
  }

  private Object remembered(long index) throws StageException {
    Object value = memo.get(index);
    if (value == null) {
      throw new StageException(
          "its pickle asks for value %d of its memo, which is not there, before %s"
              .formatted(index, in.place()));
    }
    return value;
  }

  private void push(Object value) {
    stack.add(value);
  }

  private Object top() throws StageException {
    if (stack.isEmpty()) {
      throw underflow();
    }
    return stack.get(stack.size() - 1);
  }

  private Object pop() throws StageException {
    Object value = top();
    stack.remove(stack.size() - 1);
    return value;
  }

  private List<Object> popLast(int count) throws StageException {
    if (stack.size() < count) {
      throw underflow();
    }
    List<Object> last = stack.subList(stack.size() - count, stack.size());
    List<Object> values = List.copyOf(last);
    last.clear();
    return values;
  }

  private List<Object> popToMark() throws StageException {
    if (outer.isEmpty()) {
      throw underflow();
    }
    List<Object> values = stack;
    stack = outer.pop();
    return values;
  }

  private StageException underflow() {
    return new StageException("its pickle takes a value that is not there, before " + in.place());
  }

  /** All lists on the stack are this machine's own. */
  @SuppressWarnings("unchecked")
  private static List<Object> list(Object value) {
    return (List<Object>) value;
  }

  /** All maps on the stack are this machine's own, or {@link Objects}' empty ones. */
  @SuppressWarnings("unchecked")
  private static Map<Object, Object> dict(Object value) {
    return (Map<Object, Object>) value;
  }
}
