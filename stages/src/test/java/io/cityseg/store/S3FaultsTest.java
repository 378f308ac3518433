package io.cityseg.store;

import static io.cityseg.store.FaultyProxy.Fault.NONE;
import static io.cityseg.store.ObjectStorageContract.bytes;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cityseg.store.FaultyProxy.Fault;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A network and a server that fail in every way. */
class S3FaultsTest {
  private static final S3Limits LIMITS =
      S3Server.quick()
          .withPatience(Duration.ofSeconds(30), Duration.ofMillis(1), Duration.ofSeconds(1));

  @TempDir Path folder;

  private S3Server server;
  private FaultyProxy proxy;

  @BeforeEach
  void start() throws Exception {
    server = S3Server.startOpen(folder);
    proxy = FaultyProxy.before(server.port());
  }

  @AfterEach
  void stop() throws Exception {
    proxy.stop();
    server.stop();
  }

  private S3Objects open() throws Exception {
    return open(LIMITS);
  }

  private S3Objects open(S3Limits limits) throws Exception {
    return S3Objects.open(
        server.address(proxy.endpoint()), limits, S3Server.LOOPBACK, name -> null, true);
  }

  /** The first so many requests that match meet a fault. */
  private static Function<String, Fault> first(int times, Predicate<String> which, Fault fault) {
    AtomicInteger left = new AtomicInteger(times);
    return line -> which.test(line) && left.getAndDecrement() > 0 ? fault : NONE;
  }

  private static Predicate<String> method(String method) {
    return line -> line.startsWith(method + " ");
  }

  @ParameterizedTest
  @EnumSource(
      value = Fault.class,
      names = {"UNAVAILABLE", "RESET_BEFORE", "RESET_AFTER", "SILENCE"})
  void createIfAbsent_whenRequestsFailAtFirst_createsOnceAndSaysSo(Fault fault) throws Exception {
    S3Objects objects = open();

    proxy.does(first(2, method("PUT"), fault));
    boolean created = objects.createIfAbsent("a", bytes("one"));

    assertThat(created).as("a reset after the server stored it is no loss of a race").isTrue();
    assertThat(objects.createIfAbsent("a", bytes("two"))).isFalse();
    assertThat(objects.read("a", 10)).hasValue(bytes("one"));
  }

  @Test
  void createIfAbsent_whenAnotherWonWhileTheAnswerWasLost_isFalse() throws Exception {
    S3Objects objects = open();
    objects.createIfAbsent("a", bytes("one"));

    proxy.does(first(1, method("PUT"), Fault.RESET_AFTER));

    assertThat(objects.createIfAbsent("a", bytes("one"))).isFalse();
  }

  @ParameterizedTest
  @EnumSource(
      value = Fault.class,
      names = {"UNAVAILABLE", "RESET_BEFORE", "RESET_AFTER"})
  void createIfAbsent_whenPartsFailAtFirst_storesTheWhole(Fault fault) throws Exception {
    byte[] content = large();
    Digest digest = Digest.of(content);
    String name = ArtifactStore.blobName(digest);
    Path file = Files.write(folder.resolve("large"), content);
    S3Objects objects = open();

    proxy.does(first(3, line -> line.contains("partNumber="), fault));
    assertThat(objects.createIfAbsent(name, file)).isTrue();
    proxy.does(first(2, method("GET"), Fault.TRUNCATED));

    assertThat(objects.file(name, digest).orElseThrow().path()).hasBinaryContent(content);
  }

  @Test
  void createIfAbsent_whenPartsNeverArrive_abortsTheUpload() throws Exception {
    Path file = Files.write(folder.resolve("large"), large());
    S3Objects objects =
        open(
            LIMITS.withPatience(
                Duration.ofMillis(100), Duration.ofMillis(1), Duration.ofSeconds(20)));
    objects.createIfAbsent("before", Files.write(folder.resolve("other"), large()));

    proxy.does(line -> line.contains("partNumber=2") ? Fault.UNAVAILABLE : NONE);

    assertThatThrownBy(() -> objects.createIfAbsent("blob", file))
        .isInstanceOf(StoreException.class)
        .hasMessageStartingWith("Cannot write blob (")
        .hasMessageContaining("the server answers 503");
    assertThat(proxy.seen())
        .as("what was sent is not left to be paid for")
        .anyMatch(line -> line.startsWith("DELETE ") && line.contains("uploadId="));
  }

  @ParameterizedTest
  @EnumSource(
      value = Fault.class,
      names = {"UNAVAILABLE", "RESET_BEFORE", "TRUNCATED", "SILENCE"})
  void read_whenRequestsFailAtFirst_givesTheWhole(Fault fault) throws Exception {
    S3Objects objects = open();
    byte[] content = large();
    objects.createIfAbsent("a", content);

    proxy.does(first(2, method("GET"), fault));

    assertThat(objects.read("a", 1L << 30)).hasValue(content);
    proxy.does(first(2, method("GET"), fault));
    assertThat(objects.open("a").orElseThrow()).hasBinaryContent(content);
  }

  @Test
  void read_whenBytesAreDamagedOnTheWay_fetchesTheBlobAgainAndKeepsIt() throws Exception {
    ArtifactStore store = new ArtifactStore(open());
    var ref = store.put("text", bytes("content"));

    proxy.does(first(1, method("GET"), Fault.WRONG_BYTES));
    assertThat(store.read(ref)).isEqualTo(bytes("content"));
    proxy.does(line -> Fault.UNAVAILABLE);
    assertThat(store.read(ref)).as("from the cache").isEqualTo(bytes("content"));
  }

  @Test
  void read_whenTheObjectIsDamaged_isNeverWrong() throws Exception {
    ArtifactStore store = new ArtifactStore(open());
    var ref = store.put("text", bytes("content"));

    proxy.does(line -> line.startsWith("GET ") ? Fault.WRONG_BYTES : NONE);

    assertThatThrownBy(() -> store.read(ref)).isInstanceOf(UnreadableBlobException.class);
  }

  @Test
  void read_whenTheServerStaysAway_saysSoAfterItsPatience() throws Exception {
    S3Objects objects =
        open(
            LIMITS.withPatience(
                Duration.ofMillis(100), Duration.ofMillis(1), Duration.ofSeconds(20)));

    proxy.does(line -> Fault.RESET_BEFORE);

    assertThatThrownBy(() -> objects.read("a", 10))
        .isInstanceOf(StoreException.class)
        .hasMessageStartingWith("Cannot read a from the store s3://cityseg-test/a/store at http://")
        .hasMessageContaining("no answer from");
  }

  @Test
  void read_whenRefused_isNotRepeated() throws Exception {
    S3Objects objects = open();
    int before = proxy.seen().size();

    assertThat(objects.read("missing", 10)).isEmpty();

    assertThat(proxy.seen()).hasSize(before + 1);
  }

  @Test
  void open_whenTheServerIgnoresTheCondition_isRefused() {
    proxy.does(line -> Fault.WITHOUT_CONDITION);

    assertThatThrownBy(this::open)
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("the server ignores If-None-Match");
  }

  @Test
  void createIfAbsent_whenTheServerIgnoresTheConditionOfParts_isRefused() throws Exception {
    S3Objects objects = open();
    Path file = Files.write(folder.resolve("large"), large());

    proxy.does(line -> line.startsWith("POST ") ? Fault.WITHOUT_CONDITION : NONE);

    assertThatThrownBy(() -> objects.createIfAbsent("blob", file))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("when an upload in parts is completed");
  }

  @Test
  void open_whenItIsNoObjectStore_saysSo() {
    proxy.does(line -> Fault.WEB_PAGE);

    assertThatThrownBy(this::open)
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("is no S3 server")
        .hasMessageContaining("--s3-endpoint");
  }

  @Test
  void open_whenTheClockIsWrong_saysTheTimeAndRepeatsNothing() {
    proxy.does(line -> Fault.CLOCK_SKEW);

    assertThatThrownBy(this::open)
        .isInstanceOf(StoreException.class)
        .hasMessageMatching(
            "Cannot use the store s3://cityseg-test/a/store at http://127.0.0.1:\\d+: this machine's clock and the server's differ too much \\(here it is 2\\d{3}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ\\); set the clock");
    assertThat(proxy.seen()).hasSize(1);
  }

  @Test
  void read_whenTheClockIsWrong_saysSoToo() throws Exception {
    S3Objects objects = open();

    proxy.does(line -> Fault.CLOCK_SKEW);

    assertThatThrownBy(() -> objects.read("a", 10)).hasMessageEndingWith("; set the clock");
  }

  @Test
  void open_whenTheRegionIsWrong_saysWhichIsMeant() {
    proxy.does(line -> Fault.OTHER_REGION);

    assertThatThrownBy(this::open)
        .isInstanceOf(StoreException.class)
        .hasMessageEndingWith(
            "the bucket is not in region us-east-1, or not at this endpoint (the region 'us-east-1' is wrong; expecting 'eu-west-1'); correct --s3-region or --s3-endpoint");
    assertThat(proxy.seen()).hasSize(1);
  }

  @Test
  void states_whenObjectsAreMany_isOneRequestAThousand() throws Exception {
    S3Objects objects = open();
    for (int n = 0; n < 30; n++) {
      objects.replace("runs/a/progress/" + n, bytes("x"));
    }
    int before = proxy.seen().size();

    assertThat(objects.states("runs/a")).hasSize(30);

    assertThat(proxy.seen()).hasSize(before + 1);
  }

  @Test
  void createIfAbsent_whenManyWritersMeetFaults_exactlyOneWinsEach() throws Exception {
    int writers = 16;
    int keys = 20;
    S3Objects objects = open();
    // every third first request of a key and writer is carried out and its answer lost, or not at
    // all
    ConcurrentHashMap<String, AtomicInteger> counts = new ConcurrentHashMap<>();
    proxy.does(
        line -> {
          if (!line.startsWith("PUT ")) {
            return NONE;
          }
          int n = counts.computeIfAbsent(line, key -> new AtomicInteger()).getAndIncrement();
          return n % 6 == 0 ? Fault.RESET_AFTER : n % 6 == 3 ? Fault.UNAVAILABLE : NONE;
        });
    ExecutorService pool = Executors.newFixedThreadPool(writers);
    try {
      List<Callable<List<String>>> work = new ArrayList<>();
      for (int w = 0; w < writers; w++) {
        String content = "writer " + w;
        work.add(
            () -> {
              List<String> won = new ArrayList<>();
              for (int k = 0; k < keys; k++) {
                if (objects.createIfAbsent("race/" + k, bytes(content))) {
                  won.add(k + "=" + content);
                }
              }
              return won;
            });
      }
      List<String> winners = new ArrayList<>();
      for (Future<List<String>> one : pool.invokeAll(work)) {
        winners.addAll(one.get());
      }
      proxy.does(line -> NONE);
      List<String> stored = new ArrayList<>();
      for (int k = 0; k < keys; k++) {
        stored.add(k + "=" + new String(objects.read("race/" + k, 100).orElseThrow(), UTF_8));
      }
      assertThat(winners).containsExactlyInAnyOrderElementsOf(stored);
    } finally {
      pool.shutdownNow();
    }
  }

  private static byte[] large() {
    byte[] content = new byte[(int) (2 * S3Limits.MIN_PART_BYTES) + 999];
    new Random(5).nextBytes(content);
    return content;
  }
}
