package io.cityseg.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import io.cityseg.proto.ArtifactRef;
import io.cityseg.proto.ConfusionMatrix;
import io.cityseg.proto.ImageItem;
import io.cityseg.proto.ImagesManifest;
import java.util.Arrays;
import java.util.Collections;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class MessagesTest {
  private static final int BYTES = 2 << 20;
  private static final String REAL = "items as real ones";

  /** Many of one thing; the name says of what. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Many(String name, Parser<? extends Message> parser, Descriptor type, byte[] bytes) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Many> messages() throws Exception {
    return Stream.of(
        numbers(),
        images(REAL, item("a".repeat(20), "b".repeat(64))),
        images("empty items", new byte[] {0x0a, 0}),
        images("items with a reference", new byte[] {0x0a, 2, 0x22, 0}),
        images("items with an unknown number", new byte[] {0x0a, 3, (byte) 0x88, 0x3e, 1}),
        images("unknown numbers", new byte[] {0x78, 1}),
        images("unknown texts", new byte[] {0x7a, 2, 'a', 'b'}),
        images("items of short texts", item("a", "")),
        images("items of texts beyond Latin-1", item("\u00e9\u4e2d".repeat(9), "\u4e2d")));
  }

  private static Many numbers() {
    byte[] bytes =
        ConfusionMatrix.newBuilder()
            .addAllCounts(Collections.nCopies(BYTES, 1L))
            .build()
            .toByteArray();
    return new Many("numbers", ConfusionMatrix.parser(), ConfusionMatrix.getDescriptor(), bytes);
  }

  private static Many images(String name, byte[] one) {
    byte[] bytes = new byte[BYTES / one.length * one.length];
    for (int n = 0; n < bytes.length; n++) {
      bytes[n] = one[n % one.length];
    }
    return new Many(name, ImagesManifest.parser(), ImagesManifest.getDescriptor(), bytes);
  }

  private static byte[] item(String id, String digest) throws Exception {
    return ImagesManifest.newBuilder()
        .addItems(
            ImageItem.newBuilder()
                .setId(id)
                .setImage(ArtifactRef.newBuilder().setKind("png").setSha256(digest).setSize(1000)))
        .build()
        .toByteArray();
  }

  @ParameterizedTest
  @MethodSource("messages")
  void memory_ofManyOfOneThing_isAtLeastWhatTheyTake(Many many) throws Exception {
    long before = used();
    Message parsed = many.parser().parseFrom(many.bytes());
    long taken = used() - before;

    assertThat(parsed.getSerializedSize()).isPositive();
    assertThat(Messages.memory(many.type(), many.bytes())).isGreaterThanOrEqualTo(taken);
    if (many.name().equals(REAL)) {
      assertThat(Messages.memory(many.type(), many.bytes())).isLessThan(2 * taken);
    }
  }

  /** Of the heap, what is in use when all that is not has been collected. */
  private static long used() throws InterruptedException {
    long used = Long.MAX_VALUE;
    for (int n = 0; n < 3; n++) {
      System.gc();
      Thread.sleep(20);
      used = Math.min(used, Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory());
    }
    return used;
  }

  @Test
  void parse_ofWhatWouldTakeMoreThanAQuarterOfTheHeap_isRefused() {
    Many bomb = images("", new byte[] {0x0a, 0});
    byte[] bytes = new byte[2 * (int) (Messages.limit() / 48)];
    for (int n = 0; n < bytes.length; n++) {
      bytes[n] = bomb.bytes()[n % 2];
    }

    assertThatThrownBy(() -> Messages.parse(bomb.parser(), bytes))
        .isInstanceOf(Messages.TooLargeException.class)
        .hasMessageContaining("MB are what a message may take with this heap")
        .hasMessageContaining("-Xmx");
  }

  @Test
  void parse_ofALargeMessageThatFits_isWhatTheParserMakes() throws Exception {
    byte[] bytes =
        ImagesManifest.newBuilder()
            .addItems(ImageItem.newBuilder().setId("x".repeat((int) (Messages.limit() / 8))))
            .build()
            .toByteArray();

    assertThat(Messages.parse(ImagesManifest.parser(), bytes))
        .isEqualTo(ImagesManifest.parseFrom(bytes));
  }

  @Test
  void memory_whenCutShortOrAGroup_isAnInvalidMessage() throws Exception {
    byte[] item = item("a", "b");
    byte[] cut = Arrays.copyOf(item, item.length - 1);

    assertThatThrownBy(() -> Messages.memory(ImagesManifest.getDescriptor(), cut))
        .isInstanceOf(InvalidProtocolBufferException.class);
    assertThatThrownBy(() -> Messages.memory(ImagesManifest.getDescriptor(), new byte[] {0x7b}))
        .isInstanceOf(InvalidProtocolBufferException.class)
        .hasMessageContaining("group");
  }
}
