package io.cityseg.store;

import io.cityseg.proto.LeaseRecord;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The right to compute an action, for people's and machines' time; renewed by a daemon thread until
 * it is closed. Thread-safe.
 */
public final class Lease implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Lease.class);

  private final Leases leases;
  private final Digest key;
  private final LeaseRecord mine;
  private final ScheduledExecutorService heart;
  private final ScheduledFuture<?> beats;
  private boolean held = true;

  private Lease(Duration heartbeat, Leases leases, Digest key, LeaseRecord mine) {
    this.leases = leases;
    this.key = key;
    this.mine = mine;
    this.heart =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "lease-" + key.abbreviated());
              thread.setDaemon(true);
              return thread;
            });
    this.beats =
        heart.scheduleWithFixedDelay(
            this::beat, heartbeat.toNanos(), heartbeat.toNanos(), TimeUnit.NANOSECONDS);
  }

  static Lease renewingEvery(Duration heartbeat, Leases leases, Digest key, LeaseRecord mine) {
    return new Lease(heartbeat, leases, key, mine);
  }

  /** The action's key. */
  public Digest key() {
    return key;
  }

  /** Whether it is still this one's, as far as the last heartbeat saw. */
  public synchronized boolean isHeld() {
    return held;
  }

  /** Renews the lease once. A store that fails is asked again at the next beat. */
  synchronized void beat() {
    if (!held) {
      return;
    }
    try {
      held = leases.renew(key, mine);
      if (!held) {
        LOG.warn(
            "Another run took over {} ({}) meanwhile; both compute it and the first result stays",
            mine.getSubject(),
            key.abbreviated());
      }
    } catch (StoreException e) {
      LOG.warn("The lease of {} could not be renewed: {}", mine.getSubject(), e.getMessage());
    }
  }

  /** Gives the lease back. Closing again does nothing. */
  @Override
  public synchronized void close() throws StoreException {
    beats.cancel(false);
    heart.shutdown();
    if (held) {
      held = false;
      leases.release(key, mine);
    }
  }
}
