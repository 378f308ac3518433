package io.cityseg.store;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.InvalidProtocolBufferException;
import io.cityseg.proto.LeaseRecord;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * Says which actions are being computed right now, so that two runs do not train the same thing at
 * once. The object {@code leases/<key>} names the holder, who renews it until done; one that is not
 * renewed lapses and may be taken over.
 *
 * <p>Correctness never depends on it. Two may hold one lease for a while: two that take a lapsed
 * one over in the same moment (the one whose record was overwritten notices at its next heartbeat),
 * a holder that was suspended for longer than the expiry, or hosts whose clocks differ by more than
 * it. Both then compute the same bytes, and the first record stays. Thread-safe.
 */
public final class Leases {
  /** A lease that was not renewed for this long has lapsed. */
  public static final Duration EXPIRY = Duration.ofSeconds(60);

  /** How often a holder renews its lease. */
  public static final Duration HEARTBEAT = Duration.ofSeconds(15);

  private static final Duration POLL = Duration.ofSeconds(1);
  private static final Pattern PROCESS_ID = Pattern.compile("[0-9]{1,18}");

  /** Stands for this process's host where that has no name. */
  private static final String FALLBACK_HOST = UUID.randomUUID().toString();

  private static final long MAX_RECORD_BYTES = 1L << 16;

  private final ObjectStorage objects;
  private final Clock clock;
  private final Duration expiry;
  private final Duration heartbeat;

  public Leases(ObjectStorage objects) {
    this(objects, Clock.systemUTC(), EXPIRY, HEARTBEAT);
  }

  /**
   * @param heartbeat how often a holder renews; less than {@code expiry}
   */
  Leases(ObjectStorage objects, Clock clock, Duration expiry, Duration heartbeat) {
    this.objects = requireNonNull(objects, "objects");
    this.clock = requireNonNull(clock, "clock");
    this.expiry = requireNonNull(expiry, "expiry");
    this.heartbeat = requireNonNull(heartbeat, "heartbeat");
    if (heartbeat.compareTo(expiry) >= 0 || heartbeat.isNegative() || heartbeat.isZero()) {
      throw new IllegalArgumentException(
          "Invalid heartbeat: %s (must be more than 0 and less than the expiry, %s)"
              .formatted(heartbeat, expiry));
    }
  }

  /**
   * Takes the lease of an action, if nobody else has it. It is renewed until it is closed.
   *
   * @param key the action's key
   * @param subject what is being computed, for people: "train"
   * @param runId the run on whose behalf
   * @return the lease, or nothing while somebody else has it ({@link #holder} says who)
   */
  public Optional<Lease> tryAcquire(Digest key, String subject, String runId)
      throws StoreException {
    LeaseRecord mine =
        LeaseRecord.newBuilder().setHolder(newHolder()).setRunId(runId).setSubject(subject).build();
    if (!objects.createIfAbsent(name(key), renewed(mine).toByteArray())) {
      if (holder(key).isPresent()) {
        return Optional.empty();
      }
      objects.replace(name(key), renewed(mine).toByteArray());
      if (!isHeldBy(key, mine)) {
        return Optional.empty();
      }
    }
    return Optional.of(Lease.renewingEvery(heartbeat, this, key, mine));
  }

  /**
   * Takes the lease of an action, and waits for as long as somebody else has it.
   *
   * @param waiting is told who has it, each time that it is looked at (about once a second)
   */
  public Lease acquire(Digest key, String subject, String runId, Consumer<LeaseRecord> waiting)
      throws StoreException, InterruptedException {
    while (true) {
      Optional<Lease> lease = tryAcquire(key, subject, runId);
      if (lease.isPresent()) {
        return lease.get();
      }
      holder(key).ifPresent(waiting);
      TimeUnit.MILLISECONDS.sleep(POLL.toMillis());
    }
  }

  /**
   * Who is computing an action: nobody when there is no lease, when it has lapsed, or when its
   * holder was a process of this host that is gone, as after a kill.
   */
  public Optional<LeaseRecord> holder(Digest key) throws StoreException {
    return record(key)
        .filter(record -> record.getExpiresAtMillis() > clock.millis())
        .filter(record -> !isAbandoned(record));
  }

  private static boolean isAbandoned(LeaseRecord record) {
    String[] parts = record.getHolder().split("/", -1);
    if (parts.length != 3 || !parts[0].equals(host()) || !PROCESS_ID.matcher(parts[1]).matches()) {
      return false;
    }
    return ProcessHandle.of(Long.parseLong(parts[1])).isEmpty();
  }

  /** Prolongs a lease; false when it is somebody else's by now. */
  boolean renew(Digest key, LeaseRecord mine) throws StoreException {
    if (isHeldBy(key, mine)) {
      objects.replace(name(key), renewed(mine).toByteArray());
      return true;
    }
    return record(key).isEmpty() && objects.createIfAbsent(name(key), renewed(mine).toByteArray());
  }

  /** Gives a lease back, unless it is somebody else's by now. */
  void release(Digest key, LeaseRecord mine) throws StoreException {
    if (isHeldBy(key, mine)) {
      objects.delete(name(key));
    }
  }

  private boolean isHeldBy(Digest key, LeaseRecord mine) throws StoreException {
    return record(key).filter(there -> there.getHolder().equals(mine.getHolder())).isPresent();
  }

  /** What is stored; a damaged record is as good as none, since leases only save work. */
  private Optional<LeaseRecord> record(Digest key) throws StoreException {
    Optional<byte[]> bytes = objects.read(name(key), MAX_RECORD_BYTES);
    if (bytes.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(LeaseRecord.parseFrom(bytes.get()));
    } catch (InvalidProtocolBufferException e) {
      return Optional.empty();
    }
  }

  private LeaseRecord renewed(LeaseRecord mine) {
    return mine.toBuilder().setExpiresAtMillis(clock.millis() + expiry.toMillis()).build();
  }

  private static String newHolder() {
    return host() + "/" + ProcessHandle.current().pid() + "/" + UUID.randomUUID();
  }

  private static String host() {
    // the leases of a machine without a name lapse by time alone
    return ThisHost.name().orElse("unknown host " + FALLBACK_HOST);
  }

  private static String name(Digest key) {
    return "leases/" + key.hex();
  }
}
