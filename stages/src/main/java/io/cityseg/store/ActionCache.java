package io.cityseg.store;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.InvalidProtocolBufferException;
import io.cityseg.proto.ActionKey;
import io.cityseg.proto.ActionRecord;
import io.cityseg.proto.ArtifactRef;
import io.cityseg.proto.ExecutionFacts;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records of what has been computed, under the keys of the actions that computed it.
 *
 * <p>A record is written after everything that it refers to, and only if there is none: whoever
 * loses the race gets the winner's. A record whose output is incomplete is a miss, with the reason,
 * never an error. Thread-safe.
 */
public final class ActionCache {
  /** The reason of a miss when there is no record at all. */
  public static final String NOT_RECORDED = "not in the store";

  /** The reason of a miss of what is to be made again. */
  public static final String FORCED = "forced";

  /** Where a run's folder says what the run made that was there already. */
  public static final String MADE_AGAIN = "made";

  private static final Logger LOG = LoggerFactory.getLogger(ActionCache.class);
  private static final long MAX_RECORD_BYTES = 16L << 20;

  private final ArtifactStore store;

  public ActionCache(ArtifactStore store) {
    this.store = requireNonNull(store, "store");
  }

  /** A lookup's answer. */
  public sealed interface Lookup {}

  /** The store has the result, complete. */
  public record Hit(ActionRecord record) implements Lookup {}

  /** The result has to be computed; the reason is for people. */
  public record Miss(String reason) implements Lookup {}

  /** Looks an action up, and checks that all that its output refers to is there. */
  public Lookup lookup(ActionKey key) throws StoreException {
    Digest digest = ActionKeys.digest(key);
    Optional<byte[]> bytes =
        store.objects().read(recordName(key.getStage(), digest), MAX_RECORD_BYTES);
    if (bytes.isEmpty()) {
      return new Miss(NOT_RECORDED);
    }
    ActionRecord record;
    try {
      record = Messages.parse(ActionRecord.parser(), bytes.get());
    } catch (InvalidProtocolBufferException e) {
      return new Miss("its record is damaged");
    }
    if (!ActionKeys.digest(record.getKey()).equals(digest)) {
      return new Miss("its record is damaged");
    }
    Optional<String> problem = new References(store).problem(record.getOutput());
    return problem.<Lookup>map(Miss::new).orElseGet(() -> new Hit(record));
  }

  /**
   * Looks up what is to be made again by force: a miss, unless it was this very run that made it,
   * on a machine that was lost since.
   */
  public Lookup lookupForced(ActionKey key, String runId) throws StoreException {
    Digest digest = ActionKeys.digest(key);
    Optional<ActionRecord> record = record(key.getStage(), digest);
    boolean ours =
        record.isPresent()
            && (record.get().getFacts().getRunId().equals(runId)
                || store.objects().stat(madeAgain(runId, key.getStage(), digest)).isPresent());
    return ours ? lookup(key) : new Miss(FORCED);
  }

  /**
   * Records a result. Returns what the store holds from now on: this output, or the output of
   * whoever was first. Two different complete results of one action mean that the stage is not
   * deterministic, which is said loudly; the first stays, and the run's folder says that the run
   * made it too.
   */
  public ActionRecord commit(ActionKey key, ArtifactRef output, ExecutionFacts facts)
      throws StoreException {
    ActionRecord record =
        ActionRecord.newBuilder().setKey(key).setOutput(output).setFacts(facts).build();
    Digest digest = ActionKeys.digest(key);
    String name = recordName(key.getStage(), digest);
    if (store.objects().createIfAbsent(name, record.toByteArray())) {
      return record;
    }
    if (lookup(key) instanceof Hit hit) {
      ActionRecord first = hit.record();
      if (!first.getOutput().getSha256().equals(output.getSha256())) {
        LOG.warn(
            "Stage {} is not deterministic: action {} gave {} and now {}; the first result stays",
            key.getStage(),
            digest.abbreviated(),
            first.getOutput().getSha256(),
            output.getSha256());
      }
      if (!facts.getRunId().isEmpty()) {
        store
            .objects()
            .createIfAbsent(madeAgain(facts.getRunId(), key.getStage(), digest), new byte[0]);
      }
      return first;
    }
    store.objects().replace(name, record.toByteArray());
    return record;
  }

  /** Drops a record; what it refers to stays. */
  public void remove(ActionKey key) throws StoreException {
    store.objects().delete(recordName(key.getStage(), ActionKeys.digest(key)));
  }

  /**
   * The record of an action, whether or not its output is still complete; nothing when there is
   * none that can be read.
   */
  public Optional<ActionRecord> record(String stage, Digest key) throws StoreException {
    Optional<byte[]> bytes = store.objects().read(recordName(stage, key), MAX_RECORD_BYTES);
    if (bytes.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(Messages.parse(ActionRecord.parser(), bytes.get()));
    } catch (InvalidProtocolBufferException e) {
      LOG.warn("Ignoring the damaged record of action {} of stage {}", key.abbreviated(), stage);
      return Optional.empty();
    }
  }

  /** All readable records of a stage, in no particular order. */
  public List<ActionRecord> records(String stage) throws StoreException {
    List<ActionRecord> records = new ArrayList<>();
    for (ObjectStorage.ObjectEntry entry : store.objects().list("actions/" + stage)) {
      Optional<byte[]> bytes = store.objects().read(entry.name(), MAX_RECORD_BYTES);
      if (bytes.isPresent()) {
        try {
          records.add(Messages.parse(ActionRecord.parser(), bytes.get()));
        } catch (InvalidProtocolBufferException e) {
          LOG.warn("Ignoring the damaged action record {}", entry.name());
        }
      }
    }
    return records;
  }

  private static String madeAgain(String runId, String stage, Digest digest) {
    return "runs/" + runId + "/" + MADE_AGAIN + "/" + stage + "/" + digest.hex();
  }

  private static String recordName(String stage, Digest key) {
    return "actions/" + stage + "/" + key.hex();
  }
}
