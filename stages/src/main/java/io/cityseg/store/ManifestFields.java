package io.cityseg.store;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import com.google.protobuf.WireFormat;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Takes a manifest apart while it is read, so that only one of its items is in memory at a time.
 *
 * <p>The encoding of a message is that of its fields, one after the other, and each of them alone
 * is a message of the same type (protobuf's encoding specification, "last one wins": concatenated
 * messages merge). What a parser merges into one value is not put together here, so a manifest that
 * has a message twice where there is one is none; no encoder writes such a thing. Groups, which no
 * message of ours has, make it none, too. Not thread-safe.
 */
final class ManifestFields<T extends Message> implements Closeable {
  private final T empty;
  private final Parser<T> parser;
  private final InputStream content;
  private final CodedInputStream in;
  private final Set<Integer> single = new HashSet<>();

  /** Bytes that have not been read. */
  private long left;

  /**
   * Begins to read, and closes the content in the end.
   *
   * @param empty a manifest of the type
   * @param size of the content, bytes
   */
  ManifestFields(T empty, InputStream content, long size) {
    this.empty = empty;
    this.parser = parser(empty);
    this.content = content;
    this.in = CodedInputStream.newInstance(content);
    this.left = size;
  }

  /** A message's own parser makes messages of its type, which its signature does not say. */
  @SuppressWarnings("unchecked")
  private static <T extends Message> Parser<T> parser(T empty) {
    return (Parser<T>) empty.getParserForType();
  }

  /**
   * The next element that comes with a length (a message, a text, packed numbers), as a manifest
   * that has it alone; nothing at the end. Plain numbers, and what is not known, are left out.
   *
   * @throws Messages.TooLargeException when the element would take too much memory
   * @throws InvalidProtocolBufferException when the content is no such message
   * @throws IOException when it cannot be read
   */
  Optional<T> next() throws IOException {
    while (left > 0) {
      int tag = in.readTag();
      if (tag == 0) {
        throw truncated();
      }
      Optional<T> element = Optional.empty();
      switch (WireFormat.getTagWireType(tag)) {
        case WireFormat.WIRETYPE_LENGTH_DELIMITED -> element = delimited(tag);
        case WireFormat.WIRETYPE_START_GROUP, WireFormat.WIRETYPE_END_GROUP ->
            throw new InvalidProtocolBufferException("it has a group");
        default -> in.skipField(tag);
      }
      left -= in.getTotalBytesRead();
      // the counter is an int, and a file may be longer
      in.resetSizeCounter();
      if (left < 0) {
        // to skip beyond the end of a file is no error
        throw truncated();
      }
      if (element.isPresent()) {
        return element;
      }
    }
    return Optional.empty();
  }

  private Optional<T> delimited(int tag) throws IOException {
    int length = in.readRawVarint32();
    if (length < 0 || length > left - in.getTotalBytesRead()) {
      throw truncated();
    }
    FieldDescriptor field =
        empty.getDescriptorForType().findFieldByNumber(WireFormat.getTagFieldNumber(tag));
    if (field == null) {
      in.skipRawBytes(length);
      return Optional.empty();
    }
    boolean message = field.getJavaType() == FieldDescriptor.JavaType.MESSAGE;
    if (message && !field.isRepeated() && !single.add(field.getNumber())) {
      throw new InvalidProtocolBufferException("it has %s twice".formatted(field.getName()));
    }
    return Optional.of(Messages.parse(parser, alone(tag, length)));
  }

  /** The bytes of a message that has this field alone. */
  private byte[] alone(int tag, int length) throws IOException {
    Messages.requireLength(length);
    int head =
        CodedOutputStream.computeUInt32SizeNoTag(tag)
            + CodedOutputStream.computeUInt32SizeNoTag(length);
    byte[] bytes = new byte[head + length];
    CodedOutputStream out = CodedOutputStream.newInstance(bytes, 0, head);
    out.writeUInt32NoTag(tag);
    out.writeUInt32NoTag(length);
    out.checkNoSpaceLeft();
    System.arraycopy(in.readRawBytes(length), 0, bytes, head, length);
    return bytes;
  }

  private static InvalidProtocolBufferException truncated() {
    return new InvalidProtocolBufferException("it ends in the middle of a field");
  }

  @Override
  public void close() throws IOException {
    content.close();
  }
}
