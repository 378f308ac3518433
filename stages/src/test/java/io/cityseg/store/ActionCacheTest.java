package io.cityseg.store;

import static io.cityseg.store.ObjectStorageContract.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.cityseg.proto.ActionKey;
import io.cityseg.proto.ActionRecord;
import io.cityseg.proto.ArtifactRef;
import io.cityseg.proto.CheckpointManifest;
import io.cityseg.proto.EpochManifest;
import io.cityseg.proto.ExecutionFacts;
import io.cityseg.proto.TrainIdItem;
import io.cityseg.proto.TrainIdsManifest;
import io.cityseg.proto.TrainedEpoch;
import io.cityseg.proto.TrainingManifest;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class ActionCacheTest {
  private static final ActionKey KEY =
      ActionKey.newBuilder().setStage("train").setCodeVersion(1).build();
  private static final ExecutionFacts FACTS = ExecutionFacts.newBuilder().setHost("here").build();

  @TempDir Path folder;

  private ArtifactStore store;
  private ActionCache cache;
  private BlobDamage damage;

  @BeforeEach
  void open() throws Exception {
    store = new ArtifactStore(LocalObjects.open(folder));
    cache = new ActionCache(store);
    damage = new BlobDamage(folder);
  }

  @Test
  void lookup_whenNothingWasCommitted_misses() throws Exception {
    assertThat(cache.lookup(KEY)).isEqualTo(new ActionCache.Miss("not in the store"));
  }

  @Test
  void lookup_whenCommitted_hits() throws Exception {
    ArtifactRef output = store.put("text", bytes("result"));

    ActionRecord record = cache.commit(KEY, output, FACTS);

    assertThat(record.getOutput()).isEqualTo(output);
    assertThat(cache.lookup(KEY)).isEqualTo(new ActionCache.Hit(record));
    assertThat(cache.lookup(KEY.toBuilder().setCodeVersion(2).build()))
        .isInstanceOf(ActionCache.Miss.class);
    assertThat(cache.records("train")).containsExactly(record);
  }

  @Test
  void lookupForced_whenAnotherRunMadeIt_misses() throws Exception {
    assertThat(cache.lookupForced(KEY, "two")).isEqualTo(new ActionCache.Miss("forced"));
    cache.commit(KEY, store.put("text", bytes("result")), ofRun("one"));

    assertThat(cache.lookupForced(KEY, "two")).isEqualTo(new ActionCache.Miss("forced"));
  }

  @Test
  void lookupForced_whenTheRunItselfMadeItFirstOrAgain_hits() throws Exception {
    ArtifactRef output = store.put("text", bytes("result"));
    ActionRecord first = cache.commit(KEY, output, ofRun("one"));
    cache.commit(KEY, output, ofRun("two"));

    assertThat(cache.lookupForced(KEY, "one")).isEqualTo(new ActionCache.Hit(first));
    assertThat(cache.lookupForced(KEY, "two")).isEqualTo(new ActionCache.Hit(first));
    assertThat(cache.lookupForced(KEY, "three")).isEqualTo(new ActionCache.Miss("forced"));

    store.delete(output);
    assertThat(cache.lookupForced(KEY, "two")).isInstanceOf(ActionCache.Miss.class);
  }

  @Test
  void lookup_whenTheBlobIsCorrupt_missesWithTheReason() throws Exception {
    ArtifactRef output = store.put("text", bytes("result"));
    cache.commit(KEY, output, FACTS);

    damage.rewrite(output, "RESULT");
    assertMiss("blob %s (text) is corrupt".formatted(digits(output)));

    damage.truncateUnderTheSeal(output, 2);
    assertMiss(
        "blob %s (text) is corrupt (it has 2 bytes and should have 6)".formatted(digits(output)));

    store.delete(output);
    assertMiss("blob %s (text) is missing".formatted(digits(output)));
  }

  @Test
  void lookup_whenAChildOfAManifestIsMissing_missesWithTheReason() throws Exception {
    ArtifactRef weights = store.put("safetensors", bytes("weights"));
    cache.commit(KEY, training(weights), FACTS);
    assertThat(cache.lookup(KEY)).isInstanceOf(ActionCache.Hit.class);

    store.delete(weights);

    assertMiss("blob %s (safetensors) is missing".formatted(digits(weights)));
  }

  @Test
  void lookup_whenATransientReferenceIsMissing_hits() throws Exception {
    ArtifactRef state = store.put("safetensors", bytes("state"));
    cache.commit(KEY, epoch(store.put("safetensors", bytes("weights")), state), FACTS);

    store.delete(state);

    assertThat(cache.lookup(KEY)).isInstanceOf(ActionCache.Hit.class);
  }

  @Test
  void remove_ofARecord_makesItMissAndLeavesTheResult() throws Exception {
    ArtifactRef output = store.put("text", bytes("result"));
    cache.commit(KEY, output, FACTS);

    cache.remove(KEY);
    cache.remove(KEY);

    assertMiss(ActionCache.NOT_RECORDED);
    assertThat(store.problem(output)).isEmpty();
  }

  @Test
  void lookup_whenAManifestRotted_missesWithTheReason() throws Exception {
    ArtifactRef output =
        store.putManifest(CheckpointManifest.newBuilder().setNetwork("network").build());
    cache.commit(KEY, output, FACTS);
    damage.rewriteUnderTheSeal(output, "x".repeat((int) output.getSize()));

    assertThat(((ActionCache.Miss) cache.lookup(KEY)).reason()).contains("was corrupt");
    assertMiss("blob %s (CheckpointManifest) is missing".formatted(digits(output)));
  }

  @Test
  void lookup_whenAManifestIsNone_missesWithTheReason() throws Exception {
    ArtifactRef output = store.put("CheckpointManifest", new byte[] {-1, -1});
    cache.commit(KEY, output, FACTS);

    assertMiss("blob %s is no CheckpointManifest".formatted(output.getSha256()));
  }

  @Test
  void lookup_whenTheRecordIsDamaged_misses() throws Exception {
    String name = "actions/train/" + ActionKeys.digest(KEY).hex();
    ArtifactRef output = store.put("text", bytes("result"));
    ActionRecord record = cache.commit(KEY, output, FACTS);

    store.objects().replace(name, new byte[] {-1, -1});
    assertMiss("its record is damaged");
    assertThat(cache.records("train")).isEmpty();

    store.objects().replace(name, new byte[0]);
    assertMiss("its record is damaged");

    store
        .objects()
        .replace(
            name, record.toBuilder().setKey(ActionKey.getDefaultInstance()).build().toByteArray());
    assertMiss("its record is damaged");

    store.objects().replace(name, record.toBuilder().clearOutput().build().toByteArray());
    assertMiss("reference () has the invalid digest ''");
  }

  @Test
  void commit_whenTheRecordThereIsUseless_replacesIt() throws Exception {
    ArtifactRef output = store.put("text", bytes("result"));
    cache.commit(KEY, output, FACTS);
    store.delete(output);
    ArtifactRef other = store.put("text", bytes("another"));

    assertThat(cache.commit(KEY, other, FACTS).getOutput()).isEqualTo(other);
    assertThat(((ActionCache.Hit) cache.lookup(KEY)).record().getOutput()).isEqualTo(other);
  }

  @Test
  void commit_whenTheResultDiffers_keepsTheFirstAndWarns() throws Exception {
    ArtifactRef first = store.put("text", bytes("one"));
    ArtifactRef second = store.put("text", bytes("two"));
    Logger logger = (Logger) LoggerFactory.getLogger(ActionCache.class);
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.start();
    logger.addAppender(log);
    try {
      cache.commit(KEY, first, FACTS);
      cache.commit(KEY, first, FACTS.toBuilder().setHost("elsewhere").build());
      assertThat(log.list).isEmpty();

      ActionRecord record = cache.commit(KEY, second, FACTS);

      assertThat(record.getOutput()).isEqualTo(first);
      assertThat(record.getFacts()).isEqualTo(FACTS);
      assertThat(log.list).hasSize(1);
      assertThat(log.list.get(0).getLevel()).isEqualTo(Level.WARN);
      assertThat(log.list.get(0).getFormattedMessage())
          .isEqualTo(
              "Stage train is not deterministic: action %s gave %s and now %s; the first result stays"
                  .formatted(
                      ActionKeys.digest(KEY).abbreviated(), first.getSha256(), second.getSha256()));
    } finally {
      logger.detachAppender(log);
    }
  }

  @Test
  void lookup_whenAManifestHasManyChildren_asksForEachOnceAndReadsNone() throws Exception {
    int children = 1_000;
    TrainIdsManifest.Builder manifest = TrainIdsManifest.newBuilder();
    for (int i = 0; i < children; i++) {
      byte[] content = ByteBuffer.allocate(Integer.BYTES).putInt(i).array();
      Digest digest = Digest.of(content);
      // Written past the store, which would force each to the disk.
      Path file = folder.resolve(ArtifactStore.blobName(digest));
      Files.createDirectories(file.getParent());
      Seal.putOn(Files.write(file, content));
      manifest.addItems(
          TrainIdItem.newBuilder()
              .setPng(
                  ArtifactRef.newBuilder()
                      .setKind("png")
                      .setSha256(digest.hex())
                      .setSize(content.length)));
    }
    cache.commit(KEY, store.putManifest(manifest.build()), FACTS);
    Map<String, Integer> calls = new ConcurrentHashMap<>();
    ActionCache counted =
        new ActionCache(new ArtifactStore(Interception.counting(calls, store.objects())));

    assertThat(counted.lookup(KEY)).isInstanceOf(ActionCache.Hit.class);

    assertThat(calls)
        .containsOnly(
            Map.entry("lookAhead", 1), Map.entry("check", children + 1), Map.entry("read", 2));
  }

  private ArtifactRef training(ArtifactRef weights) throws StoreException {
    TrainedEpoch epoch = TrainedEpoch.newBuilder().setCheckpoint(checkpoint(weights)).build();
    return store.putManifest(TrainingManifest.newBuilder().addEpochs(epoch).build());
  }

  private ArtifactRef checkpoint(ArtifactRef weights) throws StoreException {
    return store.putManifest(CheckpointManifest.newBuilder().setWeights(weights).build());
  }

  private ArtifactRef epoch(ArtifactRef weights, ArtifactRef state) throws StoreException {
    ArtifactRef checkpoint = checkpoint(weights);
    return store.putManifest(
        EpochManifest.newBuilder().setCheckpoint(checkpoint).setOptimizerState(state).build());
  }

  private static ExecutionFacts ofRun(String id) {
    return FACTS.toBuilder().setRunId(id).build();
  }

  private void assertMiss(String reason) throws StoreException {
    assertThat(cache.lookup(KEY)).isEqualTo(new ActionCache.Miss(reason));
  }

  private static String digits(ArtifactRef ref) {
    return ref.getSha256().substring(0, 12);
  }
}
