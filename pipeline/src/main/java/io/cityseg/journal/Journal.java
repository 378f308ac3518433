package io.cityseg.journal;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import io.cityseg.graph.Graph;
import io.cityseg.graph.Node;
import io.cityseg.proto.FlinkJob;
import io.cityseg.proto.Progress;
import io.cityseg.proto.RunRecord;
import io.cityseg.proto.StageOutcome;
import io.cityseg.store.ActionCache;
import io.cityseg.store.ArtifactStore;
import io.cityseg.store.Digest;
import io.cityseg.store.Messages;
import io.cityseg.store.ObjectStorage;
import io.cityseg.store.StoreException;
import io.cityseg.store.ThisHost;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a run leaves in the store: {@code runs/<id>/record}; and while it is under way {@code
 * runs/<id>/outcomes/...}, a line of the table each, written by whichever worker finished the call,
 * {@code runs/<id>/progress/...}, which workers keep overwriting, and {@code runs/<id>/made/...},
 * what it made by force ({@link ActionCache}). The client reads them, so it sees the same on every
 * runner, and a failed run still has the outcomes of all that was finished.
 */
public final class Journal {
  /** What nobody asks for once the run has ended. */
  private static final List<String> PASSING =
      List.of("outcomes", "progress", ActionCache.MADE_AGAIN);

  private static final Logger LOG = LoggerFactory.getLogger(Journal.class);
  private static final String JOB = "job";

  /** A line that is longer is none of ours. */
  static final long MAX_BYTES = 16L << 20;

  private final ObjectStorage objects;
  private final String runId;

  public Journal(ObjectStorage objects, String runId) {
    this.objects = objects;
    this.runId = runId;
  }

  /** Writes the run's record, in place of an earlier state of it. */
  public void write(RunRecord record) throws StoreException {
    objects.replace(name("record"), record.toByteArray());
  }

  /** Writes which job carries the run out. */
  public void write(FlinkJob job) throws StoreException {
    objects.replace(name(JOB), job.toByteArray());
  }

  /** The job that carries the run out; nothing when none does. */
  public Optional<FlinkJob> job() throws StoreException {
    return read(objects, name(JOB), FlinkJob.parser());
  }

  /** The run's record, as it was written last. */
  public Optional<RunRecord> record() throws StoreException {
    return read(objects, name("record"), RunRecord.parser());
  }

  /** Writes how a call ended, in place of an earlier attempt's. */
  public void write(StageOutcome outcome) throws StoreException {
    objects.replace(outcomeName(outcome.getNode(), outcome.getSubject()), outcome.toByteArray());
  }

  /** Writes how far one writer is with a node's work. */
  void write(String node, String writer, Progress progress) throws StoreException {
    objects.replace(name("progress/" + node + "/" + writer), progress.toByteArray());
  }

  /** How often it may be asked for what is new. */
  Duration pace() {
    return objects.pace();
  }

  /** How a call ended, as it was written last; nothing while it has not. */
  public Optional<StageOutcome> outcome(String node, String subject) throws StoreException {
    return read(objects, outcomeName(node, subject), StageOutcome.parser())
        .filter(Journal::isSound);
  }

  /** What all names of the run's objects begin with, but for the '/'. */
  String folder() {
    return "runs/" + runId;
  }

  /** Whether an object is a worker's line of progress. */
  boolean isProgress(String name) {
    return name.startsWith(name("progress/"));
  }

  /** How one of the run's objects is read; nothing for what is none of the journal's. */
  Optional<Parser<? extends Message>> parser(String name) {
    if (name.equals(name("record"))) {
      return Optional.of(RunRecord.parser());
    }
    if (name.equals(name(JOB))) {
      return Optional.of(FlinkJob.parser());
    }
    if (name.startsWith(name("outcomes/"))) {
      return Optional.of(StageOutcome.parser());
    }
    return isProgress(name) ? Optional.of(Progress.parser()) : Optional.empty();
  }

  /** Drops what was only needed while the run was under way. */
  public void clear() throws StoreException {
    for (ObjectStorage.ObjectEntry entry : objects.list(folder())) {
      if (PASSING.stream().anyMatch(part -> entry.name().startsWith(name(part + "/")))) {
        objects.delete(entry.name());
      }
    }
  }

  /** The records of all runs, the oldest first; damaged ones are left out. */
  public static List<RunRecord> all(ArtifactStore store) throws StoreException {
    List<RunRecord> records = new ArrayList<>();
    for (ObjectStorage.ObjectEntry entry : store.objects().list("runs")) {
      if (entry.name().endsWith("/record")) {
        Optional<RunRecord> record =
            read(store.objects(), entry.name(), RunRecord.parser())
                .filter(run -> isSound(run, entry.name()));
        if (record.isPresent()) {
          records.add(withOutcomes(store, record.get()));
        } else {
          LOG.warn("Ignoring the damaged run record {}", entry.name());
        }
      }
    }
    return records;
  }

  /** Whether a record is of the run that it is named by, and its references and keys are such. */
  private static boolean isSound(RunRecord run, String name) {
    return name.equals("runs/" + run.getId() + "/record")
        && (!run.hasReport() || Digest.isValid(run.getReport().getSha256()))
        && run.getStagesList().stream().allMatch(Journal::isSound);
  }

  static boolean isSound(StageOutcome stage) {
    return (stage.getKey().isEmpty() || Digest.isValid(stage.getKey()))
        && (!stage.hasOutput() || Digest.isValid(stage.getOutput().getSha256()));
  }

  /** The record of a run that has not ended says nothing of its stages yet: the journal does. */
  private static RunRecord withOutcomes(ArtifactStore store, RunRecord record)
      throws StoreException {
    if (record.getFinishedAtMillis() > 0) {
      return record;
    }
    Journal journal = new Journal(store.objects(), record.getId());
    return withOutcomes(record, journal.inGraphOrder(), journal.job());
  }

  /** The record of a run that has not ended, with what its journal says. */
  public static RunRecord withOutcomes(
      RunRecord record, List<StageOutcome> outcomes, Optional<FlinkJob> job) {
    // A job goes on without its client.
    boolean gone = clientIsGone(record) && job.isEmpty();
    return record.toBuilder()
        .addAllStages(outcomes)
        .setStatus(gone ? RunStatus.KILLED : record.getStatus())
        .build();
  }

  /** Whether the client was a process of this host that is no more. */
  public static boolean clientIsGone(RunRecord record) {
    return ThisHost.name().equals(Optional.of(record.getHost()))
        && ProcessHandle.of(record.getProcessId()).isEmpty();
  }

  /** The record of the run of that id; nothing when there is none. */
  public static Optional<RunRecord> find(ArtifactStore store, String id) throws StoreException {
    Optional<RunRecord> record = new Journal(store.objects(), id).record();
    return record.isEmpty() ? record : Optional.of(withOutcomes(store, record.get()));
  }

  /** Outcomes so far, in the graph's order. */
  public List<StageOutcome> inGraphOrder() throws StoreException {
    List<StageOutcome> outcomes = new ArrayList<>();
    for (ObjectStorage.ObjectEntry entry : objects.list(name("outcomes"))) {
      read(objects, entry.name(), StageOutcome.parser())
          .filter(Journal::isSound)
          .ifPresent(outcomes::add);
    }
    return inGraphOrder(outcomes);
  }

  /** The same outcomes in the graph's order. */
  static List<StageOutcome> inGraphOrder(List<StageOutcome> outcomes) {
    List<String> nodes = Graph.nodes().stream().map(Node::name).toList();
    return outcomes.stream()
        .sorted(
            Comparator.comparingInt((StageOutcome outcome) -> nodes.indexOf(outcome.getNode()))
                .thenComparing(StageOutcome::getSubject))
        .toList();
  }

  private static <T extends Message> Optional<T> read(
      ObjectStorage objects, String name, Parser<T> parser) throws StoreException {
    Optional<byte[]> bytes = objects.read(name, MAX_BYTES);
    if (bytes.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(Messages.parse(parser, bytes.get()));
    } catch (InvalidProtocolBufferException e) {
      // the journal informs; a damaged line of it must not stop a run
      return Optional.empty();
    }
  }

  private String name(String part) {
    return folder() + "/" + part;
  }

  private String outcomeName(String node, String subject) {
    return name("outcomes/" + node + "-" + fileName(subject));
  }

  /** Subjects can be any text; names of objects cannot. */
  private static String fileName(String subject) {
    return subject.isEmpty()
        ? "all"
        : Digest.of(subject.getBytes(StandardCharsets.UTF_8)).abbreviated();
  }
}
