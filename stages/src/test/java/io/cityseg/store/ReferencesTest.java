package io.cityseg.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import io.cityseg.proto.ArtifactRef;
import io.cityseg.proto.CheckpointManifest;
import io.cityseg.proto.DatasetManifest;
import io.cityseg.proto.EpochManifest;
import io.cityseg.proto.EvaluationManifest;
import io.cityseg.proto.ImageItem;
import io.cityseg.proto.ImagesManifest;
import io.cityseg.proto.SplitCount;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class ReferencesTest {
  /** Items whose manifest is longer than what is read whole. */
  private static final int MANY = 20_000;

  @TempDir Path folder;

  private Leaves leaves;
  private ArtifactStore store;

  @BeforeEach
  void open() {
    leaves = new Leaves(new MemoryObjects(folder));
    store = new ArtifactStore(leaves.storage());
  }

  /** A storage that has every leaf but those that are missing, and tells how it is looked at. */
  private static final class Leaves implements InvocationHandler {
    private final ObjectStorage manifests;
    final List<Integer> batches = new ArrayList<>();
    final Set<String> missing = new HashSet<>();
    int checks;

    Leaves(ObjectStorage manifests) {
      this.manifests = manifests;
    }

    ObjectStorage storage() {
      return (ObjectStorage)
          Proxy.newProxyInstance(
              ObjectStorage.class.getClassLoader(), new Class<?>[] {ObjectStorage.class}, this);
    }

    @Override
    public Object invoke(Object proxy, Method method, Object[] arguments) throws Throwable {
      if (method.getName().equals("lookAhead")) {
        batches.add(((Collection<?>) arguments[0]).size());
        return null;
      }
      if (method.getName().equals("check")) {
        checks++;
        String name = (String) arguments[0];
        Digest expected = (Digest) arguments[1];
        if (manifests.stat(name).isEmpty()) {
          return missing.contains(name)
              ? Optional.empty()
              : Optional.of(new ObjectStorage.Checked(expected, Integer.BYTES));
        }
      }
      try {
        return method.invoke(manifests, arguments);
      } catch (InvocationTargetException e) {
        throw e.getCause();
      }
    }
  }

  private static ArtifactRef leaf(int number) {
    Digest digest = Digest.of(ByteBuffer.allocate(Integer.BYTES).putInt(number).array());
    return ArtifactRef.newBuilder()
        .setKind("png")
        .setSha256(digest.hex())
        .setSize(Integer.BYTES)
        .build();
  }

  private void lose(ArtifactRef leaf) {
    leaves.missing.add(ArtifactStore.blobName(new Digest(leaf.getSha256())));
  }

  private static ImagesManifest images(List<ArtifactRef> refs) {
    return ImagesManifest.newBuilder()
        .addAllItems(
            refs.stream().map(ref -> ImageItem.newBuilder().setImage(ref).build()).toList())
        .build();
  }

  private static ImagesManifest images(int count) {
    return images(IntStream.range(0, count).mapToObj(ReferencesTest::leaf).toList());
  }

  private Optional<String> problem(ArtifactRef ref) throws StoreException {
    return new References(store).problem(ref);
  }

  private static String missing(ArtifactRef leaf) {
    return "blob %s (png) is missing".formatted(leaf.getSha256().substring(0, 12));
  }

  @ParameterizedTest
  @CsvSource({
    "0, ''",
    "1, 1",
    "999, 999",
    "1000, 1000",
    "1001, 1000 1",
    "5000, 1000 1000 1000 1000 1000"
  })
  void problem_ofManyChildren_looksAtThemAThousandAtATime(int count, String batches)
      throws Exception {
    ArtifactRef manifest = store.putManifest(images(count));
    leaves.checks = 0;

    assertThat(problem(manifest)).isEmpty();

    assertThat(leaves.checks).isEqualTo(count + 1);
    assertThat(leaves.batches)
        .containsExactlyElementsOf(
            Arrays.stream(batches.split(" "))
                .filter(b -> !b.isEmpty())
                .map(Integer::valueOf)
                .toList());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 999, 1000, 1001, 5000, MANY})
  void problem_whenTheLastLeafIsMissing_namesIt(int count) throws Exception {
    ArtifactRef manifest = store.putManifest(images(count));
    lose(leaf(count - 1));

    assertThat(problem(manifest)).hasValue(missing(leaf(count - 1)));
    assertThat(leaves.batches).allMatch(size -> size <= References.BATCH);
  }

  @Test
  void problem_whenSeveralAreMissing_namesTheFirst() throws Exception {
    ArtifactRef manifest = store.putManifest(images(3000));
    List.of(2999, 1500, 1499).forEach(n -> lose(leaf(n)));

    assertThat(problem(manifest)).hasValue(missing(leaf(1499)));
  }

  @Test
  void problem_whenTheSizeOfALongManifestIsNotKnown_walksItAll() throws Exception {
    ArtifactRef manifest = store.putManifest(images(MANY)).toBuilder().setSize(0).build();
    assertThat(problem(manifest)).isEmpty();
    lose(leaf(MANY - 1));

    assertThat(problem(manifest)).hasValue(missing(leaf(MANY - 1)));
  }

  @Test
  void problem_ofATransientReference_isNone() throws Exception {
    lose(leaf(1));
    lose(leaf(2));
    ArtifactRef epoch =
        store.putManifest(
            EpochManifest.newBuilder().setCheckpoint(leaf(1)).setOptimizerState(leaf(2)).build());

    assertThat(problem(epoch)).isEmpty();
  }

  /** 1,000 to the power of 30 paths. */
  @Test
  void problem_whenManifestsReferManyTimesToOne_looksAtEachOnce() throws Exception {
    ArtifactRef below = store.putManifest(images(1));
    for (int layer = 0; layer < 30; layer++) {
      below = store.putManifest(images(Collections.nCopies(1000, below)));
    }
    leaves.checks = 0;

    assertThat(problem(below)).isEmpty();

    assertThat(leaves.checks).isEqualTo(32);
  }

  @Test
  void problem_whenAManifestIsReferredToAsAPictureFirst_walksIt() throws Exception {
    ArtifactRef inner = store.putManifest(images(1));
    ArtifactRef picture = inner.toBuilder().setKind("png").build();
    lose(leaf(0));

    assertThat(problem(store.putManifest(images(List.of(picture, inner)))))
        .hasValue(missing(leaf(0)));
  }

  @Test
  void problem_ofMoreLeavesThanAreRemembered_looksAtSomeAgain() throws Exception {
    List<ArtifactRef> refs =
        new ArrayList<>(IntStream.range(0, 51_000).mapToObj(ReferencesTest::leaf).toList());
    refs.add(leaf(50_999));
    refs.add(leaf(0));
    ArtifactRef manifest = store.putManifest(images(refs));
    leaves.checks = 0;

    assertThat(problem(manifest)).isEmpty();

    assertThat(leaves.checks).isEqualTo(1 + 51_000 + 1);
  }

  @Test
  void problem_whenReferencesAreLong_looksAtFewerAtATime() throws Exception {
    String kind = "x".repeat(100_000);
    List<ArtifactRef> refs =
        IntStream.range(0, 30).mapToObj(n -> leaf(n).toBuilder().setKind(kind).build()).toList();

    assertThat(problem(store.putManifest(images(refs)))).isEmpty();

    assertThat(leaves.batches).containsExactly(11, 11, 8);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, MANY})
  void problem_whenAManifestIsCutShort_saysThatItIsNone(int count) throws Exception {
    byte[] bytes = images(count).toByteArray();
    ArtifactRef cut = store.put("ImagesManifest", Arrays.copyOf(bytes, bytes.length - 1));

    assertThat(problem(cut)).hasValue("blob %s is no ImagesManifest".formatted(cut.getSha256()));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, MANY})
  void problem_whenAManifestRotted_removesIt(int count) throws Exception {
    store = new ArtifactStore(new Leaves(LocalObjects.open(folder)).storage());
    ArtifactRef manifest = store.putManifest(images(count));
    new BlobDamage(folder).rewriteUnderTheSeal(manifest, "x".repeat((int) manifest.getSize()));

    assertThat(problem(manifest))
        .hasValueSatisfying(text -> assertThat(text).contains("was corrupt and has been removed"));
  }

  @Test
  void problem_ofEveryBeginningOfAManifest_saysThatItIsNoneWhereTheParserDoes() throws Exception {
    byte[] whole =
        DatasetManifest.newBuilder()
            .setImages(leaf(1))
            .setLabels(leaf(2))
            .addSplits(SplitCount.newBuilder().setSplit("train").setItems(300).setSources(leaf(3)))
            .addSplits(SplitCount.newBuilder().setSplit("val").setSources(leaf(4)))
            .build()
            .toByteArray();
    for (int length = 0; length <= whole.length; length++) {
      byte[] bytes = Arrays.copyOf(whole, length);
      ArtifactRef manifest = store.put("DatasetManifest", bytes);

      assertThat(problem(manifest).isEmpty()).as("%d bytes", length).isEqualTo(isDataset(bytes));
    }
  }

  private static boolean isDataset(byte[] bytes) {
    try {
      return DatasetManifest.parseFrom(bytes).isInitialized();
    } catch (InvalidProtocolBufferException e) {
      return false;
    }
  }

  /** Fields 1 and 3 are messages, field 9 is not known. */
  @ParameterizedTest
  @CsvSource({
    "a number where a message is meant, 0801, true",
    "an unknown number, 4801, true",
    "an unknown text, 4a0161, true",
    "an unknown number of eight bytes, 490000000000000000, true",
    "an unknown number of eight bytes cut short, 4900000000000000, false",
    "a length beyond the end, 0affffff7f, false",
    "a negative length, 0affffffffffffffffff01, false",
    "an unknown text beyond the end, 4affffff7f, false",
    "a number without end, 48ffffffffffffffffffffff, false",
    "field 0, 0001, false",
    "the end of a group, 4c, false",
    "a group, 4b4c, false",
    "a group without end, 4b, false",
    "a text that is no UTF-8, 1a030a01ff, false",
  })
  void problem_ofOtherBytes_isAsTheParserTakesThem(String what, String hex, boolean complete)
      throws Exception {
    ArtifactRef manifest = store.put("DatasetManifest", bytes(hex));

    assertThat(problem(manifest).isEmpty()).as(what).isEqualTo(complete);
  }

  private static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex);
  }

  /** A parser would merge them into a reference that nobody has looked at. */
  @Test
  void problem_whenAMessageIsThereTwiceWhereThereIsOne_saysThatItIsNone() throws Exception {
    ArtifactRef inner = store.putManifest(images(1));
    ByteString twice =
        DatasetManifest.newBuilder()
            .setImages(inner)
            .build()
            .toByteString()
            .concat(DatasetManifest.newBuilder().setImages(leaf(1)).build().toByteString());
    ArtifactRef manifest = store.put("DatasetManifest", twice.toByteArray());

    assertThat(problem(manifest))
        .hasValue("blob %s is no DatasetManifest".formatted(manifest.getSha256()));
  }

  @Test
  void problem_ofAnItemThatWouldTakeTooMuchMemory_isAnError() throws Exception {
    byte[] ids = new byte[(int) (Messages.limit() / 16)];
    for (int n = 0; n < ids.length; n += 2) {
      // an empty text of ShardManifest.item_ids
      ids[n] = 0x12;
    }
    ByteString.Output manifest = ByteString.newOutput();
    manifest.write(0x32);
    for (int rest = ids.length; rest > 0; rest >>>= 7) {
      manifest.write(rest > 0x7f ? (rest & 0x7f) | 0x80 : rest);
    }
    manifest.write(ids);
    ArtifactRef ref = store.put("SplitManifest", manifest.toByteString().toByteArray());

    assertThatThrownBy(() -> problem(ref))
        .isInstanceOf(StoreException.class)
        .hasMessageStartingWith("Artifact " + ref.getSha256())
        .hasMessageContaining("is too large: it would take");
  }

  @Test
  void problem_ofManyItemsThatTogetherWouldTakeTooMuchMemory_isNone() throws Exception {
    byte[] empty = new byte[2 * (int) (Messages.limit() / 64)];
    for (int n = 0; n < empty.length; n += 2) {
      empty[n] = 0x0a;
    }
    ArtifactRef manifest = store.put("ImagesManifest", empty);

    assertThatThrownBy(() -> store.readManifest(manifest, ImagesManifest.parser()))
        .hasMessageContaining("is too large");
    assertThat(problem(manifest)).isEmpty();
  }

  /** A kind that is forgotten here would be a hit although what it refers to is gone. */
  @Test
  void isManifest_ofEveryManifestOfTheSchema_isTrue() {
    List<FileDescriptor> files =
        List.of(
            DatasetManifest.getDescriptor().getFile(),
            CheckpointManifest.getDescriptor().getFile(),
            EvaluationManifest.getDescriptor().getFile());

    assertThat(
            files.stream()
                .flatMap(file -> file.getMessageTypes().stream())
                .map(Descriptor::getName)
                .filter(name -> name.endsWith("Manifest")))
        .hasSizeGreaterThan(8)
        .allMatch(References::isManifest);
  }

  @Test
  void isManifest_ofFormats_isFalse() {
    assertThat(List.of("png", "tfrecord", "safetensors", "")).noneMatch(References::isManifest);
  }
}
