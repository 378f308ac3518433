package io.cityseg.model;

import static java.util.Objects.requireNonNull;

/**
 * A block of elements that tensors of a torch.save file lie in.
 *
 * @param key its name in the file
 * @param dtype the type of its elements
 * @param count how many elements the pickle says that it has; whether the file has them is another
 *     question
 */
record StoredElements(String key, DType dtype, long count) {
  StoredElements {
    requireNonNull(key, "key");
    requireNonNull(dtype, "dtype");
    if (count < 0 || count > Long.MAX_VALUE / dtype.bytes()) {
      throw new IllegalArgumentException("Invalid number of elements: " + count);
    }
  }

  /** How many bytes its elements take. */
  long byteCount() {
    return count * dtype.bytes();
  }
}
