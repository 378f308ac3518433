package io.cityseg.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import io.cityseg.proto.ActionKey;
import io.cityseg.proto.ActionRecord;
import io.cityseg.proto.ArtifactRef;
import io.cityseg.proto.DatasetManifest;
import io.cityseg.proto.Example;
import io.cityseg.proto.ExecutionFacts;
import io.cityseg.proto.ImageItem;
import io.cityseg.proto.ImagesManifest;
import io.cityseg.proto.LabelsManifest;
import io.cityseg.proto.Parameter;
import io.cityseg.proto.SplitCount;
import io.cityseg.shards.ShardReader;
import io.cityseg.shards.TFRecordWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A store in which somebody else has written: manifests, records and shards that are anything at
 * all. Whatever they are, the answer is a result, a miss or an error with a message: no crash, no
 * endless loop. 10,000 mutations (4,000 manifests, 3,000 records, 3,000 shards), the same each time
 * (seeds 1 to 3); none of them may take longer than five seconds.
 */
@Timeout(120)
class HostileStoreTest {
  private static final ActionKey KEY =
      ActionKeys.of(
          "ingest",
          1,
          List.of(ActionKeys.parameter("ingest.labels", "auto")),
          List.of(),
          List.of(Parameter.newBuilder().setName("engine").setValue("1").build()));

  @TempDir Path folder;

  private final ExecutorService cases = Executors.newSingleThreadExecutor();
  private ArtifactStore store;
  private ActionCache actions;
  private ArtifactRef dataset;
  private ArtifactRef images;

  @AfterEach
  void stop() {
    cases.shutdownNow();
  }

  @BeforeEach
  void fill() throws Exception {
    store = new ArtifactStore(new MemoryObjects(folder));
    actions = new ActionCache(store);
    ArtifactRef png = store.put("png", "not really".getBytes(UTF_8));
    ImagesManifest.Builder manifest = ImagesManifest.newBuilder();
    for (int n = 0; n < 5; n++) {
      manifest.addItems(
          ImageItem.newBuilder()
              .setId("aachen_%06d_000019".formatted(n))
              .setSplit("train")
              .setCity("aachen")
              .setImage(png)
              .setHeight(8)
              .setWidth(16));
    }
    images = store.putManifest(manifest.build());
    dataset =
        store.putManifest(
            DatasetManifest.newBuilder()
                .setImages(images)
                .setLabels(store.putManifest(LabelsManifest.getDefaultInstance()))
                .addSplits(SplitCount.newBuilder().setSplit("train").setItems(5))
                .build());
    actions.commit(KEY, dataset, ExecutionFacts.getDefaultInstance());
  }

  @Test
  void lookup_whenManifestsAreMutated_isAResultAMissOrAnError() throws Exception {
    Mutations mutations = new Mutations(1);
    byte[] top = store.read(dataset);
    byte[] list = store.read(images);
    for (int n = 0; n < 4000; n++) {
      boolean first = n % 2 == 0;
      byte[] mutated = mutations.of(first ? top : list);
      inTime(
          () -> {
            ArtifactRef changed = store.put(first ? dataset.getKind() : images.getKind(), mutated);
            requireAnAnswer(changed, first ? DatasetManifest.parser() : ImagesManifest.parser());
            store.delete(changed);
            return true;
          });
    }
  }

  private void requireAnAnswer(ArtifactRef manifest, Parser<? extends Message> parser) {
    try {
      store.readManifest(manifest, parser);
    } catch (StoreException e) {
      assertThat(e).hasMessageContaining(manifest.getSha256());
    }
    try {
      new References(store).problem(manifest).ifPresent(text -> assertThat(text).isNotBlank());
    } catch (StoreException e) {
      assertThat(e.getMessage()).isNotBlank();
    }
  }

  @Test
  void lookup_whenRecordsAreMutated_isAHitOfThisKeyOrAMiss() throws Exception {
    Mutations mutations = new Mutations(2);
    String name = "actions/ingest/" + ActionKeys.digest(KEY).hex();
    byte[] record = store.objects().read(name, 1 << 20).orElseThrow();
    int hits = 0;
    for (int n = 0; n < 3000; n++) {
      store.objects().replace(name, mutations.of(record));
      ActionCache.Lookup answer = inTime(() -> actions.lookup(KEY));
      if (answer instanceof ActionCache.Hit hit) {
        assertThat(hit.record().getKey()).isEqualTo(KEY);
        hits++;
      } else if (answer instanceof ActionCache.Miss miss) {
        assertThat(miss.reason()).isNotBlank();
      }
      assertThat(inTime(() -> actions.records("ingest"))).hasSizeLessThanOrEqualTo(1);
    }
    assertThat(hits).as("only what informs may change in a hit").isLessThan(1500);
  }

  @Test
  void read_whenShardsAreMutated_givesExamplesOrSaysWhatIsDamaged() throws Exception {
    Mutations mutations = new Mutations(3);
    byte[] shard = shard();
    Path file = folder.resolve("shard.tfrecord");
    for (int n = 0; n < 3000; n++) {
      Files.write(file, mutations.of(shard));
      assertThat(inTime(() -> examples(file))).isLessThanOrEqualTo(6);
    }
  }

  private static int examples(Path file) {
    int examples = 0;
    try (ShardReader reader = ShardReader.open(file)) {
      while (reader.next().isPresent()) {
        examples++;
      }
    } catch (IOException e) {
      assertThat(e).hasMessageContaining(file.toString());
    }
    return examples;
  }

  /** Does one case in a thread of its own; one that does not end fails the test. */
  private <T> T inTime(Callable<T> one) throws Exception {
    try {
      return cases.submit(one).get(5, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError("A case did not end within five seconds", e);
    }
  }

  @Test
  void lookup_whenReferencesAreAChainWithoutEnd_isAMiss() throws Exception {
    ArtifactRef link = images;
    for (int n = 0; n < 20_000; n++) {
      link = store.putManifest(DatasetManifest.newBuilder().setImages(link).build());
    }
    ActionKey key = KEY.toBuilder().setSeed(1).build();
    actions.commit(key, link, ExecutionFacts.getDefaultInstance());

    assertThat(actions.lookup(key))
        .isInstanceOfSatisfying(
            ActionCache.Miss.class,
            miss -> assertThat(miss.reason()).contains("more than 64 references deep"));
  }

  @Test
  void read_whenAReferenceIsAPath_isRefused() {
    ArtifactRef path =
        ArtifactRef.newBuilder().setKind("png").setSha256("../../../etc/passwd").build();

    assertThatThrownBy(() -> store.read(path))
        .isInstanceOf(UnreadableBlobException.class)
        .hasMessageContaining("invalid digest '../../../etc/passwd'");
    assertThatThrownBy(() -> store.file(path)).isInstanceOf(UnreadableBlobException.class);
    assertThatThrownBy(() -> store.delete(path)).isInstanceOf(UnreadableBlobException.class);
  }

  @Test
  void readManifest_whenTooLongForTheHeap_isRefusedBeforeItIsParsed() throws Exception {
    // empty items: two bytes each, and a message of about a hundred in memory
    byte[] bomb = new byte[2 * (int) (Messages.limit() / 64)];
    for (int n = 0; n < bomb.length; n += 2) {
      bomb[n] = 0x0a;
    }
    ArtifactRef manifest = store.put("ImagesManifest", bomb);

    assertThatThrownBy(() -> store.readManifest(manifest, ImagesManifest.parser()))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("is too large: it would take");
    ArtifactRef huge = manifest.toBuilder().setSize(Messages.limit()).build();
    assertThatThrownBy(() -> store.readManifest(huge, ImagesManifest.parser()))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("is too large: it would take");
  }

  @Test
  void records_whenTheirKeyIsAnotherActions_areMisses() throws Exception {
    ActionKey other = KEY.toBuilder().setSeed(7).build();
    ActionRecord swapped = ActionRecord.newBuilder().setKey(KEY).setOutput(dataset).build();
    store
        .objects()
        .replace("actions/ingest/" + ActionKeys.digest(other).hex(), swapped.toByteArray());

    assertThat(actions.lookup(other)).isEqualTo(new ActionCache.Miss("its record is damaged"));
  }

  private static byte[] shard() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TFRecordWriter writer = new TFRecordWriter(bytes)) {
      for (int n = 0; n < 3; n++) {
        writer.write(
            Example.newBuilder()
                .setId("aachen_%06d_000019".formatted(n))
                .setHeight(8)
                .setWidth(16)
                .setImage(ByteString.copyFrom(new byte[8 * 16 * 3]))
                .setLabel(ByteString.copyFrom(new byte[8 * 16]))
                .build()
                .toByteArray());
      }
    }
    return bytes.toByteArray();
  }

  /** Bit flips, truncations, splices and noise. */
  private static final class Mutations {
    private final Random random;

    Mutations(long seed) {
      random = new Random(seed);
    }

    byte[] of(byte[] original) {
      byte[] bytes = original.clone();
      int rounds = 1 + random.nextInt(3);
      for (int round = 0; round < rounds; round++) {
        bytes = once(bytes);
      }
      return bytes;
    }

    private byte[] once(byte[] bytes) {
      if (bytes.length == 0) {
        return noise(16);
      }
      int at = random.nextInt(bytes.length);
      return switch (random.nextInt(5)) {
        case 0 -> {
          bytes[at] ^= (byte) (1 << random.nextInt(8));
          yield bytes;
        }
        case 1 -> Arrays.copyOf(bytes, at);
        case 2 -> {
          int from = random.nextInt(bytes.length);
          int length = Math.min(bytes.length - Math.max(at, from), 1 + random.nextInt(64));
          System.arraycopy(bytes.clone(), from, bytes, at, length);
          yield bytes;
        }
        case 3 -> {
          byte[] noise = noise(1 + random.nextInt(12));
          byte[] longer = Arrays.copyOf(bytes, bytes.length + noise.length);
          System.arraycopy(bytes, at, longer, at + noise.length, bytes.length - at);
          System.arraycopy(noise, 0, longer, at, noise.length);
          yield longer;
        }
        default -> {
          byte[] noise = noise(Math.min(1 + random.nextInt(12), bytes.length - at));
          System.arraycopy(noise, 0, bytes, at, noise.length);
          yield bytes;
        }
      };
    }

    private byte[] noise(int length) {
      byte[] noise = new byte[length];
      random.nextBytes(noise);
      return noise;
    }
  }
}
