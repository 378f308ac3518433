package io.cityseg.store;

import static io.cityseg.store.ObjectStorageContract.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cityseg.proto.LeaseRecord;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class LeasesTest {
  private static final Digest KEY = Digest.of(bytes("an action"));
  private static final Duration HOUR = Duration.ofHours(1);

  @TempDir Path folder;

  private final TestClock clock = new TestClock();
  private ObjectStorage objects;
  private Leases leases;

  @BeforeEach
  void open() throws Exception {
    objects = LocalObjects.open(folder);
    // The heart beats when a test says so.
    leases = new Leases(objects, clock, HOUR.multipliedBy(2), HOUR);
  }

  @Test
  void tryAcquire_whenFree_takesItAndSaysWhoHasIt() throws Exception {
    try (Lease lease = leases.tryAcquire(KEY, "train", "run 1").orElseThrow()) {
      LeaseRecord holder = leases.holder(KEY).orElseThrow();

      assertThat(lease.isHeld()).isTrue();
      assertThat(lease.key()).isEqualTo(KEY);
      assertThat(holder.getSubject()).isEqualTo("train");
      assertThat(holder.getRunId()).isEqualTo("run 1");
      assertThat(holder.getHolder()).contains("/" + ProcessHandle.current().pid() + "/");
      assertThat(holder.getExpiresAtMillis())
          .isEqualTo(clock.millis() + HOUR.multipliedBy(2).toMillis());
    }
    assertThat(leases.holder(KEY)).isEmpty();
    assertThat(objects.list("leases")).isEmpty();
  }

  @Test
  void tryAcquire_whenHeld_isEmpty() throws Exception {
    try (Lease lease = leases.tryAcquire(KEY, "train", "run 1").orElseThrow()) {
      assertThat(leases.tryAcquire(KEY, "train", "run 2")).isEmpty();
      assertThat(leases.holder(KEY).orElseThrow().getRunId()).isEqualTo("run 1");
      assertThat(leases.tryAcquire(Digest.OF_NOTHING, "other", "run 2"))
          .hasValueSatisfying(LeasesTest::closeQuietly);
      assertThat(lease.isHeld()).isTrue();
    }
  }

  @Test
  void tryAcquire_whenHoldersProcessOfThisHostIsGone_takesItAtOnce() throws Exception {
    String host = InetAddress.getLocalHost().getHostName();
    Process gone = new ProcessBuilder("true").start();
    gone.waitFor();
    LeaseRecord killed =
        LeaseRecord.newBuilder()
            .setHolder(host + "/" + gone.pid() + "/killed")
            .setRunId("run 1")
            .setExpiresAtMillis(clock.millis() + HOUR.toMillis())
            .build();
    objects.replace("leases/" + KEY.hex(), killed.toByteArray());

    try (Lease lease = leases.tryAcquire(KEY, "train", "run 2").orElseThrow()) {
      assertThat(lease.isHeld()).isTrue();
    }
  }

  @Test
  void acquire_whenHeld_saysForWhomItWaitsAndTakesItWhenReleased() throws Exception {
    Lease first = leases.tryAcquire(KEY, "train", "run 1").orElseThrow();
    List<String> waitedFor = new ArrayList<>();

    try (Lease second =
        leases.acquire(
            KEY,
            "train",
            "run 2",
            holder -> {
              waitedFor.add(holder.getRunId());
              closeQuietly(first);
            })) {
      assertThat(second.isHeld()).isTrue();
    }
    assertThat(waitedFor).containsExactly("run 1");
  }

  @Test
  void tryAcquire_whenReleased_takesIt() throws Exception {
    leases.tryAcquire(KEY, "train", "run 1").orElseThrow().close();

    try (Lease lease = leases.tryAcquire(KEY, "train", "run 2").orElseThrow()) {
      assertThat(lease.isHeld()).isTrue();
    }
  }

  @Test
  void tryAcquire_whenLapsed_takesItOverAndTheFirstNotices() throws Exception {
    Lease first = leases.tryAcquire(KEY, "train", "run 1").orElseThrow();
    clock.advance(HOUR.multipliedBy(2));
    assertThat(leases.holder(KEY)).isEmpty();

    try (Lease second = leases.tryAcquire(KEY, "train", "run 2").orElseThrow()) {
      first.beat();
      assertThat(first.isHeld()).isFalse();

      first.close();
      assertThat(second.isHeld()).isTrue();
      assertThat(leases.holder(KEY).orElseThrow().getRunId()).isEqualTo("run 2");
    }
  }

  @Test
  void beat_whenHeld_prolongsTheLease() throws Exception {
    try (Lease lease = leases.tryAcquire(KEY, "train", "run 1").orElseThrow()) {
      for (int i = 0; i < 5; i++) {
        clock.advance(HOUR);
        lease.beat();
      }
      assertThat(leases.holder(KEY)).isPresent();
      assertThat(leases.tryAcquire(KEY, "train", "run 2")).isEmpty();
    }
  }

  @Test
  void beat_whenTheRecordWasDeleted_writesItAnew() throws Exception {
    try (Lease lease = leases.tryAcquire(KEY, "train", "run 1").orElseThrow()) {
      objects.delete("leases/" + KEY.hex());

      lease.beat();

      assertThat(lease.isHeld()).isTrue();
      assertThat(leases.holder(KEY).orElseThrow().getRunId()).isEqualTo("run 1");
    }
  }

  @Test
  void beat_whenClosed_doesNotBringTheLeaseBack() throws Exception {
    Lease lease = leases.tryAcquire(KEY, "train", "run 1").orElseThrow();
    lease.close();
    lease.close();

    lease.beat();

    assertThat(lease.isHeld()).isFalse();
    assertThat(leases.holder(KEY)).isEmpty();
  }

  @Test
  void tryAcquire_whenTheRecordIsDamaged_takesIt() throws Exception {
    objects.replace("leases/" + KEY.hex(), new byte[] {-1, -1});

    assertThat(leases.tryAcquire(KEY, "train", "run 1"))
        .hasValueSatisfying(LeasesTest::closeQuietly);
  }

  @Test
  @Timeout(30)
  void lease_whileItIsHeld_isRenewedByItsOwnThread() throws Exception {
    Leases quick = new Leases(objects, Clock.systemUTC(), HOUR, Duration.ofMillis(1));
    try (Lease lease = quick.tryAcquire(KEY, "train", "run 1").orElseThrow()) {
      long first = quick.holder(KEY).orElseThrow().getExpiresAtMillis();
      while (quick.holder(KEY).orElseThrow().getExpiresAtMillis() == first) {
        Thread.onSpinWait();
      }
      assertThat(lease.isHeld()).isTrue();
    }
  }

  @Test
  void tryAcquire_whenManyTry_oneGetsIt() throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(16);
    List<Lease> taken = new ArrayList<>();
    try {
      Callable<Optional<Lease>> taker = () -> leases.tryAcquire(KEY, "train", "run");
      for (Future<Optional<Lease>> answer : pool.invokeAll(Collections.nCopies(16, taker))) {
        answer.get().ifPresent(taken::add);
      }
      assertThat(taken).hasSize(1);
    } finally {
      pool.shutdownNow();
      taken.forEach(LeasesTest::closeQuietly);
    }
  }

  @Test
  void leases_whenTheHeartbeatIsNotShorterThanTheExpiry_areRefused() {
    assertThatThrownBy(() -> new Leases(objects, clock, HOUR, HOUR))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid heartbeat: PT1H (must be more than 0 and less than the expiry, PT1H)");
  }

  private static void closeQuietly(Lease lease) {
    try {
      lease.close();
    } catch (StoreException e) {
      throw new AssertionError(e);
    }
  }
}
