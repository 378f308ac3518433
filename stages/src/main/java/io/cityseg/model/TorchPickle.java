package io.cityseg.model;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * Writes the pickle of a state dict: an OrderedDict of names with calls of {@code
 * torch._utils._rebuild_tensor_v2}, each over a storage of its own that is named by its place.
 * {@link TorchObjects} and {@link PickleMachine} read it.
 */
final class TorchPickle {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  private TorchPickle() {}

  /** The bytes for tensors in the map's order; protocol 2, as torch writes. */
  static byte[] of(Map<String, Tensor> tensors) {
    TorchPickle pickle = new TorchPickle();
    pickle.out.write(0x80);
    pickle.out.write(2);
    pickle.emptyOrderedDict();
    pickle.out.write('(');
    int key = 0;
    for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
      pickle.text(entry.getKey());
      pickle.tensor(entry.getValue(), key++);
    }
    pickle.out.write('u');
    pickle.out.write('.');
    return pickle.out.toByteArray();
  }

  private void tensor(Tensor tensor, int key) {
    global("torch._utils", "_rebuild_tensor_v2");
    out.write('(');
    storage(tensor, key);
    number(0);
    numbers(tensor.shape());
    numbers(strides(tensor.shape()));
    // needs no gradient, and has no hooks
    out.write(0x89);
    emptyOrderedDict();
    out.write('t');
    out.write('R');
  }

  private void storage(Tensor tensor, int key) {
    out.write('(');
    text("storage");
    global("torch", TorchObjects.storageClass(tensor.dtype()));
    text(Integer.toString(key));
    text("cpu");
    number(tensor.byteCount() / tensor.dtype().bytes());
    out.write('t');
    out.write('Q');
  }

  private void emptyOrderedDict() {
    global("collections", "OrderedDict");
    out.write(')');
    out.write('R');
  }

  private static List<Long> strides(List<Long> shape) {
    Long[] strides = new Long[shape.size()];
    long step = 1;
    for (int i = strides.length - 1; i >= 0; i--) {
      strides[i] = step;
      step *= Math.max(1, shape.get(i));
    }
    return List.of(strides);
  }

  private void numbers(List<Long> numbers) {
    out.write('(');
    numbers.forEach(this::number);
    out.write('t');
  }

  /** Sizes fit, since a tensor is at most 2^31 - 1 bytes. */
  private void number(long number) {
    out.write('J');
    out.writeBytes(fourBytes(Math.toIntExact(number)));
  }

  private void text(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    out.write('X');
    out.writeBytes(fourBytes(utf8.length));
    out.writeBytes(utf8);
  }

  private void global(String module, String name) {
    out.writeBytes(("c" + module + "\n" + name + "\n").getBytes(StandardCharsets.US_ASCII));
  }

  private static byte[] fourBytes(int value) {
    return ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array();
  }
}
