package io.cityseg.store;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;

/**
 * Parses messages that others wrote, within a share of the heap.
 *
 * <p>A message takes more memory than its bytes: three times as much when it is a manifest of ours,
 * a hundred times when it was made to harm (two bytes are a whole empty message, or a field that is
 * not known). So what a message would take is estimated from its bytes, and is refused before any
 * of it is made.
 */
public final class Messages {
  /** Of the heap: a call is cut and gathered beside the manifests that it reads. */
  private static final int SHARE = 4;

  // Bytes on a 64-bit JVM with compressed references, rounded up.
  private static final long MESSAGE = 24;
  private static final long FIELD = 8;
  private static final long FIRST_OF_LIST = 104;
  private static final long STRING = 48;
  private static final long ELEMENT = 16;
  private static final long UNKNOWN = 240;

  /** No message takes more than this for each of its bytes. */
  private static final long MOST_PER_BYTE = 256;

  private Messages() {}

  /** A message that would take more memory than there is for one. */
  static final class TooLargeException extends InvalidProtocolBufferException {
    TooLargeException(long needed) {
      super(
          "it would take %,d MB of memory, and %,d MB are what a message may take with this heap; more"
                  .formatted(needed >> 20, limit() >> 20)
              + " needs a larger one (-Xmx)");
    }
  }

  /** The most memory that a message may take, in bytes: a quarter of the heap. */
  static long limit() {
    return Runtime.getRuntime().maxMemory() / SHARE;
  }

  /**
   * The most bytes of a message that may be parsed: no manifest takes less than twice its bytes.
   */
  static long maxLength() {
    return limit() / 2;
  }

  /** Refuses a message by its length, before it is read. */
  static void requireLength(long length) throws TooLargeException {
    requireMemory(2 * length);
  }

  /** Refuses what would take too much memory, in bytes. */
  static void requireMemory(long needed) throws TooLargeException {
    if (needed > limit()) {
      throw new TooLargeException(needed);
    }
  }

  /**
   * Parses a message.
   *
   * @throws InvalidProtocolBufferException when the bytes are not one, or when it would take more
   *     than a quarter of the heap
   */
  public static <T extends Message> T parse(Parser<T> parser, byte[] bytes)
      throws InvalidProtocolBufferException {
    if (bytes.length > limit() / MOST_PER_BYTE) {
      // a parser does not say what it parses, an empty message does
      requireMemory(memory(parser.parsePartialFrom(new byte[0]).getDescriptorForType(), bytes));
    }
    return parser.parseFrom(bytes);
  }

  /**
   * An upper estimate of the memory that a message takes when it is parsed, in bytes.
   *
   * @throws InvalidProtocolBufferException when the bytes are not one
   */
  static long memory(Descriptor type, byte[] bytes) throws InvalidProtocolBufferException {
    try {
      return memory(type, CodedInputStream.newInstance(bytes));
    } catch (InvalidProtocolBufferException e) {
      throw e;
    } catch (IOException e) {
      throw new InvalidProtocolBufferException(e);
    }
  }

  private static long memory(Descriptor type, CodedInputStream in) throws IOException {
    long memory = MESSAGE + FIELD * type.getFields().size();
    Set<Integer> lists = new HashSet<>();
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      int wireType = WireFormat.getTagWireType(tag);
      FieldDescriptor field = type.findFieldByNumber(WireFormat.getTagFieldNumber(tag));
      if (wireType == WireFormat.WIRETYPE_START_GROUP) {
        throw new InvalidProtocolBufferException("it has a group, which no message of ours has");
      }
      if (field != null && field.isRepeated()) {
        memory += lists.add(field.getNumber()) ? FIRST_OF_LIST : ELEMENT;
      }
      if (wireType == WireFormat.WIRETYPE_LENGTH_DELIMITED) {
        memory += delimited(field, in);
      } else {
        memory += field == null || !isOneNumber(field, wireType) ? UNKNOWN : ELEMENT;
        in.skipField(tag);
      }
    }
    return memory;
  }

  /** What comes with a length: a message, a text, packed numbers, or what is not known. */
  private static long delimited(FieldDescriptor field, CodedInputStream in) throws IOException {
    int length = in.readRawVarint32();
    if (field == null) {
      in.skipRawBytes(length);
      return UNKNOWN + length;
    }
    if (field.getJavaType() == JavaType.MESSAGE) {
      int outer = in.pushLimit(length);
      long memory = memory(field.getMessageType(), in);
      in.popLimit(outer);
      return memory;
    }
    in.skipRawBytes(length);
    boolean text = field.getJavaType() == JavaType.STRING;
    boolean bytes = field.getJavaType() == JavaType.BYTE_STRING;
    if (text || bytes) {
      // a text with any character beyond Latin-1 takes two bytes for each
      return STRING + (text ? 2L : 1L) * length;
    }
    // packed numbers, of a byte each at the least; their list doubles as it grows
    return field.isRepeated() ? UNKNOWN + 2L * Long.BYTES * length : UNKNOWN + length;
  }

  private static boolean isOneNumber(FieldDescriptor field, int wireType) {
    return field.getLiteType().getWireType() == wireType;
  }
}
