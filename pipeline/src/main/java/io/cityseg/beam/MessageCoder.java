package io.cityseg.beam;

import com.google.protobuf.Internal;
import com.google.protobuf.Message;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.apache.beam.sdk.coders.CoderException;
import org.apache.beam.sdk.coders.CustomCoder;

/**
 * Encodes a protobuf message, length first. Our messages have no maps, so the encoding is
 * deterministic. (Beam's own protobuf extension would bring 140 jars.)
 */
final class MessageCoder<T extends Message> extends CustomCoder<T> {
  private final Class<T> type;

  private MessageCoder(Class<T> type) {
    this.type = type;
  }

  static <T extends Message> MessageCoder<T> of(Class<T> type) {
    return new MessageCoder<>(type);
  }

  @Override
  public void encode(T value, OutputStream out) throws IOException {
    value.writeDelimitedTo(out);
  }

  @Override
  @SuppressWarnings("unchecked") // the parser of T's default instance makes T
  public T decode(InputStream in) throws IOException {
    Message message = Internal.getDefaultInstance(type).getParserForType().parseDelimitedFrom(in);
    if (message == null) {
      throw new CoderException(
          "The stream ended where a " + type.getSimpleName() + " was expected");
    }
    return (T) message;
  }

  @Override
  public void verifyDeterministic() {
    // no maps, no unknown fields: nothing to refuse
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof MessageCoder<?> coder && coder.type.equals(type);
  }

  @Override
  public int hashCode() {
    return type.hashCode();
  }
}
