package io.cityseg.journal;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.cityseg.proto.FlinkJob;
import io.cityseg.proto.Progress;
import io.cityseg.proto.RunRecord;
import io.cityseg.proto.StageOutcome;
import io.cityseg.store.Messages;
import io.cityseg.store.ObjectStorage;
import io.cityseg.store.ObjectStorage.ObjectState;
import io.cityseg.store.StoreException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * A run's journal for whoever looks at it again and again. A look is one listing of the run's
 * folder, which says what is new, and reads nothing else: while a run trains on a distant store,
 * that is two requests.
 *
 * <p>Listing only what comes after the last name would not do: workers overwrite their lines, and
 * names are in the order of the graph's nodes, not of time. For one thread.
 */
public final class JournalView {
  /**
   * Lines of progress that a look reads at most: a hundred workers' lines take several looks, those
   * first that were not read for longest.
   */
  static final int MAX_PROGRESS_READS = 16;

  private final ObjectStorage objects;
  private final Journal journal;
  private final Map<String, Line> lines = new TreeMap<>();
  private long looks;
  private boolean moving = true;

  /** A line as it was read in one of the looks; no message when it is damaged. */
  private record Line(String state, long look, Optional<Message> message) {}

  public JournalView(ObjectStorage objects, String runId) {
    this.objects = requireNonNull(objects, "objects");
    this.journal = new Journal(objects, runId);
  }

  /** Sees what is new. */
  public void look() throws StoreException {
    looks++;
    Set<String> there = new HashSet<>();
    List<ObjectState> progress = new ArrayList<>();
    boolean news = false;
    for (ObjectState object : objects.states(journal.folder())) {
      there.add(object.name());
      Line known = lines.get(object.name());
      if (known != null && known.state().equals(object.state())) {
        continue;
      }
      news = true;
      if (journal.isProgress(object.name())) {
        progress.add(object);
      } else {
        read(object);
      }
    }
    lines.keySet().retainAll(there);
    progress.sort(Comparator.comparingLong(this::readAt));
    for (ObjectState object : progress.subList(0, Math.min(progress.size(), MAX_PROGRESS_READS))) {
      read(object);
    }
    moving = news;
  }

  /** How long to wait for the next look: the storage's pace, and twice that when nothing is new. */
  public Duration pause() {
    return moving ? objects.pace() : objects.pace().multipliedBy(2);
  }

  /** The run's record as it is stored. */
  public Optional<RunRecord> record() {
    return all(RunRecord.class).stream().findFirst();
  }

  /** The job that carries the run out; nothing when none does. */
  public Optional<FlinkJob> job() {
    return all(FlinkJob.class).stream().findFirst();
  }

  /** Outcomes so far, in the graph's order. */
  public List<StageOutcome> outcomes() {
    return Journal.inGraphOrder(all(StageOutcome.class).stream().filter(Journal::isSound).toList());
  }

  /**
   * How far every node is that has said so: what all of its writers said last, as far as it was
   * read, put together.
   */
  public List<Progress> progress() {
    return NodeProgress.of(all(Progress.class));
  }

  private <T extends Message> List<T> all(Class<T> kind) {
    return lines.values().stream()
        .flatMap(line -> line.message().stream())
        .filter(kind::isInstance)
        .map(kind::cast)
        .toList();
  }

  private long readAt(ObjectState object) {
    Line known = lines.get(object.name());
    return known == null ? 0 : known.look();
  }

  private void read(ObjectState object) throws StoreException {
    Optional<byte[]> bytes = objects.read(object.name(), Journal.MAX_BYTES);
    if (bytes.isPresent()) {
      lines.put(
          object.name(), new Line(object.state(), looks, message(object.name(), bytes.get())));
    }
  }

  private Optional<Message> message(String name, byte[] bytes) {
    try {
      var parser = journal.parser(name);
      return parser.isEmpty() ? Optional.empty() : Optional.of(Messages.parse(parser.get(), bytes));
    } catch (InvalidProtocolBufferException e) {
      // the journal informs; a damaged line of it must not stop a run
      return Optional.empty();
    }
  }
}
