package io.cityseg.run;

import io.cityseg.proto.Progress;
import io.cityseg.stage.ProgressSink;
import io.cityseg.store.StoreException;
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

  private final Journal journal;
  private final String node;
  private final long intervalNanos;
  private final String writer = UUID.randomUUID().toString();
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
    last = progress.toBuilder().setStage(node).build();
    if (System.nanoTime() - writtenAt >= intervalNanos) {
      flush();
    }
  }

  /** Counts one more piece as done, of those that {@link #expect} announced. */
  public synchronized void pieceDone(String unit) {
    tell(last.toBuilder().setDone(last.getDone() + 1).setUnit(unit).build());
  }

  /** Announces pieces. */
  public synchronized void expect(int pieces, String unit) {
    last = last.toBuilder().setStage(node).setTotal(last.getTotal() + pieces).setUnit(unit).build();
    flush();
  }

  /** Writes what was said last. */
  public synchronized void flush() {
    try {
      journal.write(node, writer, last);
      writtenAt = System.nanoTime();
    } catch (StoreException e) {
      LOG.debug("Progress of {} was not written", node, e);
    }
  }
}
