package io.cityseg.journal;

import io.cityseg.proto.CountedPieces;
import io.cityseg.proto.Progress;
import io.cityseg.stage.ProgressSink;
import io.cityseg.store.StoreException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes progress into the run's journal, at most once in twice the storage's pace (a directory:
 * twice a second). A store that refuses a line of progress is no reason to stop: the stage's own
 * writes will say what is wrong. Thread-safe.
 */
public final class StoredProgress implements ProgressSink {
  private static final Logger LOG = LoggerFactory.getLogger(StoredProgress.class);
  private static final String UNIT = "pieces";

  private final Journal journal;
  private final String node;
  private final long intervalNanos;
  private final String writer = UUID.randomUUID().toString();
  private final Map<String, PieceSet> calls = new LinkedHashMap<>();
  private Progress last = Progress.getDefaultInstance();
  private long writtenAt;

  public StoredProgress(Journal journal, String node) {
    this.journal = journal;
    this.node = node;
    this.intervalNanos = journal.pace().multipliedBy(2).toNanos();
    this.writtenAt = System.nanoTime() - intervalNanos;
  }

  @Override
  public synchronized void tell(Progress progress) {
    last = progress;
    flushIfDue();
  }

  /**
   * Says that a piece is done, of those that {@link #expect} announced here or elsewhere. Saying it
   * again changes nothing.
   *
   * @param call names the call within its node
   */
  public synchronized void pieceDone(String call, int index) {
    calls.computeIfAbsent(call, any -> new PieceSet()).add(index);
    flushIfDue();
  }

  /** Announces how many pieces a call has. */
  public synchronized void expect(String call, int pieces) {
    calls.computeIfAbsent(call, any -> new PieceSet()).announce(pieces);
    flush();
  }

  /** Writes what was said last. */
  public synchronized void flush() {
    Progress.Builder line =
        last.toBuilder().setStage(node).setToldAtMillis(System.currentTimeMillis());
    for (Map.Entry<String, PieceSet> call : calls.entrySet()) {
      CountedPieces pieces = call.getValue().toProto(call.getKey());
      line.setUnit(UNIT).addCalls(pieces);
    }
    try {
      journal.write(node, writer, line.build());
      writtenAt = System.nanoTime();
    } catch (StoreException e) {
      LOG.debug("Progress of {} was not written", node, e);
    }
  }

  private void flushIfDue() {
    if (System.nanoTime() - writtenAt >= intervalNanos) {
      flush();
    }
  }
}
