package io.cityseg.store;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import java.util.RandomAccess;

/**
 * Messages that are kept as bytes, and made each time that they are asked for: the small messages
 * of a manifest take three to five times their bytes when they are made.
 *
 * @param <T> the messages' type
 */
public final class PackedList<T extends Message> extends AbstractList<T> implements RandomAccess {
  private final Parser<T> parser;
  private final List<byte[]> packed = new ArrayList<>();

  /** No messages yet. */
  public PackedList(Parser<T> parser) {
    this.parser = requireNonNull(parser, "parser");
  }

  @Override
  public boolean add(T message) {
    return packed.add(message.toByteArray());
  }

  @Override
  public T get(int index) {
    try {
      return parser.parseFrom(packed.get(index));
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("A message that was made here cannot be read", e);
    }
  }

  @Override
  public int size() {
    return packed.size();
  }
}
