package io.cityseg.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every kind of storage does; a subclass per kind. */
abstract class ObjectStorageContract {
  private static final long LIMIT = 1 << 20;

  @TempDir Path folder;

  private ObjectStorage objects;

  /** A new, empty storage. */
  abstract ObjectStorage openEmpty() throws Exception;

  @BeforeEach
  final void open() throws Exception {
    objects = openEmpty();
  }

  @Test
  void createIfAbsent_whenAbsent_makesTheObject() throws Exception {
    assertThat(objects.createIfAbsent("a/b", bytes("one"))).isTrue();

    assertThat(objects.read("a/b", LIMIT)).hasValue(bytes("one"));
  }

  @Test
  void createIfAbsent_whenPresent_leavesTheObject() throws Exception {
    objects.createIfAbsent("a/b", bytes("one"));

    assertThat(objects.createIfAbsent("a/b", bytes("two"))).isFalse();
    assertThat(objects.read("a/b", LIMIT)).hasValue(bytes("one"));
  }

  @Test
  void createIfAbsent_whenGivenAFile_copiesItAndLeavesItInPlace() throws Exception {
    byte[] content = new byte[300_000];
    for (int i = 0; i < content.length; i++) {
      content[i] = (byte) (i * 31);
    }
    Path source = Files.write(folder.resolve("source"), content);

    assertThat(objects.createIfAbsent("blob", source)).isTrue();
    assertThat(objects.createIfAbsent("blob", source)).isFalse();

    assertThat(objects.read("blob", LIMIT)).hasValue(content);
    assertThat(source).hasBinaryContent(content);
  }

  @Test
  void createIfAbsent_whenMadeInATemporaryFile_outlivesIt() throws Exception {
    try (TemporaryFile file = objects.temporaryFile()) {
      Files.writeString(file.path(), "made");
      assertThat(objects.createIfAbsent("blob", file.path())).isTrue();
    }

    assertThat(objects.read("blob", LIMIT)).hasValue(bytes("made"));
  }

  @Test
  void createIfAbsent_whenTheFileIsMissing_namesIt() {
    Path missing = folder.resolve("missing");

    assertThatThrownBy(() -> objects.createIfAbsent("blob", missing))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining(missing.toString())
        .hasMessageContaining("does not exist");
  }

  @Test
  void createIfAbsent_whenManyThreadsCreateTheSameNames_exactlyOneWinsEach() throws Exception {
    int threads = 16;
    int names = 20;
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      List<Callable<List<String>>> creators = new ArrayList<>();
      for (int t = 0; t < threads; t++) {
        String content = "thread " + t;
        creators.add(
            () -> {
              List<String> won = new ArrayList<>();
              for (int n = 0; n < names; n++) {
                if (objects.createIfAbsent("race/" + n, bytes(content))) {
                  won.add("race/" + n + "=" + content);
                }
              }
              return won;
            });
      }
      List<String> winners = new ArrayList<>();
      for (Future<List<String>> creator : pool.invokeAll(creators)) {
        winners.addAll(creator.get());
      }
      List<String> stored = new ArrayList<>();
      for (ObjectStorage.ObjectEntry entry : objects.list("race")) {
        stored.add(
            entry.name()
                + "="
                + new String(objects.read(entry.name(), LIMIT).orElseThrow(), UTF_8));
      }
      assertThat(winners).hasSize(names).containsExactlyInAnyOrderElementsOf(stored);
    } finally {
      pool.shutdownNow();
    }
  }

  @Test
  void replace_whenAbsentOrPresent_storesTheNewContent() throws Exception {
    objects.replace("lease", bytes("one"));
    objects.replace("lease", bytes("second"));

    assertThat(objects.read("lease", LIMIT)).hasValue(bytes("second"));
    assertThat(objects.list("")).containsExactly(new ObjectStorage.ObjectEntry("lease", 6));
  }

  @Test
  void replace_whenTheObjectWasCreated_replacesIt() throws Exception {
    objects.createIfAbsent("record", bytes("one"));
    objects.replace("record", bytes("two"));

    assertThat(objects.read("record", LIMIT)).hasValue(bytes("two"));
  }

  @Test
  void sendAll_whenAllSucceed_answersInTheirOrder() throws Exception {
    List<ObjectStorage.Request<Optional<byte[]>>> requests = new ArrayList<>();
    for (int n = 0; n < 50; n++) {
      String name = "many/" + n;
      objects.createIfAbsent(name, bytes(name));
      requests.add(() -> objects.read(name, LIMIT));
    }

    assertThat(objects.sendAll(requests))
        .extracting(content -> new String(content.orElseThrow(), UTF_8))
        .containsExactlyElementsOf(IntStream.range(0, 50).mapToObj(n -> "many/" + n).toList());
  }

  @Test
  void sendAll_whenOneFails_throwsItsFailure() throws Exception {
    objects.createIfAbsent("a", bytes("longer than a byte"));
    List<ObjectStorage.Request<Optional<byte[]>>> requests =
        List.of(() -> objects.read("b", LIMIT), () -> objects.read("a", 1));

    assertThatThrownBy(() -> objects.sendAll(requests))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("Cannot read a from");
  }

  @Test
  void read_whenAbsent_isEmpty() throws Exception {
    assertThat(objects.read("a/b", LIMIT)).isEmpty();
    assertThat(objects.open("a/b")).isEmpty();
    assertThat(objects.stat("a/b")).isEmpty();
    assertThat(objects.file("a/b", Digest.OF_NOTHING)).isEmpty();
    assertThat(objects.delete("a/b")).isFalse();
    assertThat(objects.list("a")).isEmpty();
  }

  @Test
  void read_whenTheNameIsAFolder_isEmpty() throws Exception {
    objects.createIfAbsent("a/b/c", bytes("one"));

    assertThat(objects.read("a/b", LIMIT)).isEmpty();
    assertThat(objects.open("a/b")).isEmpty();
    assertThat(objects.stat("a/b")).isEmpty();
    assertThat(objects.file("a/b", Digest.OF_NOTHING)).isEmpty();
    assertThat(objects.delete("a/b")).isFalse();
  }

  @Test
  void read_whenLargerThanTheLimit_fails() throws Exception {
    objects.createIfAbsent("a", bytes("12345"));

    assertThat(objects.read("a", 5)).isPresent();
    assertThatThrownBy(() -> objects.read("a", 4))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("Cannot read a from")
        .hasMessageContaining("it has 5 bytes, and at most 4 are expected");
  }

  @Test
  void open_whenPresent_streamsTheContent() throws Exception {
    objects.createIfAbsent("a", bytes("content"));

    try (InputStream in = objects.open("a").orElseThrow()) {
      assertThat(in.readAllBytes()).isEqualTo(bytes("content"));
    }
  }

  @Test
  void stat_whenPresent_saysTheSize() throws Exception {
    objects.createIfAbsent("a", bytes("12345"));
    objects.createIfAbsent("empty", new byte[0]);

    assertThat(objects.stat("a")).hasValue(new ObjectStorage.ObjectEntry("a", 5));
    assertThat(objects.stat("empty")).hasValue(new ObjectStorage.ObjectEntry("empty", 0));
  }

  @Test
  void list_whenObjectsHavePrefixes_givesThoseBelowInOrder() throws Exception {
    for (String name : List.of("a/z", "a/b/c", "ab/c", "a/b.c", "b")) {
      objects.createIfAbsent(name, bytes(name));
    }

    assertThat(objects.list("a"))
        .extracting(ObjectStorage.ObjectEntry::name)
        .containsExactly("a/b.c", "a/b/c", "a/z");
    assertThat(objects.list(""))
        .extracting(ObjectStorage.ObjectEntry::name)
        .containsExactly("a/b.c", "a/b/c", "a/z", "ab/c", "b");
  }

  @Test
  void states_whenAnObjectIsReplaced_areOthersForItAlone() throws Exception {
    objects.replace("a/changed", bytes("one"));
    objects.replace("a/same", bytes("one"));
    List<ObjectStorage.ObjectState> before = objects.states("a");

    assertThat(objects.states("a")).as("asked again").isEqualTo(before);
    objects.replace("a/changed", bytes("two"));
    List<ObjectStorage.ObjectState> after = objects.states("a");

    assertThat(after)
        .extracting(ObjectStorage.ObjectState::name)
        .containsExactly("a/changed", "a/same");
    assertThat(after.get(0)).isNotEqualTo(before.get(0));
    assertThat(after.get(1)).isEqualTo(before.get(1));
    assertThat(after.get(0).size()).isEqualTo(3);
    assertThat(objects.states("b")).isEmpty();
  }

  @Test
  void delete_whenPresent_removesTheObject() throws Exception {
    objects.createIfAbsent("a/b", bytes("one"));

    assertThat(objects.delete("a/b")).isTrue();
    assertThat(objects.stat("a/b")).isEmpty();
    assertThat(objects.createIfAbsent("a/b", bytes("two"))).isTrue();
  }

  @Test
  void file_whenTheContentMatches_givesIt() throws Exception {
    objects.createIfAbsent("a", bytes("content"));
    Digest digest = Digest.of(bytes("content"));

    ObjectStorage.VerifiedFile file = objects.file("a", digest).orElseThrow();

    assertThat(file.actual()).isEqualTo(digest);
    assertThat(file.path()).hasBinaryContent(bytes("content"));
  }

  @Test
  void file_whenTheObjectWasReplacedByOtherContent_saysItsDigest() throws Exception {
    objects.createIfAbsent("a", bytes("content"));
    objects.replace("a", bytes("damaged"));

    assertThat(objects.file("a", Digest.of(bytes("content"))).orElseThrow().actual())
        .isEqualTo(Digest.of(bytes("damaged")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", "/", "/a", "a/", "a//b", "..", "../a", "a/../b", "a/.", "./a", "a b", "ä", "a\n",
        "a\\b", "tmp", "tmp/a", "a:b"
      })
  void names_whenNotOfTheForm_areRefused(String name) {
    assertThatThrownBy(() -> objects.createIfAbsent(name, bytes("x")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Invalid object name: '" + name + "'");
    assertThatThrownBy(() -> objects.read(name, LIMIT))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "...", "a/..b", "tmpa", "a/tmp", ".hidden/_-.", "A-0_z.x"})
  void names_whenOfTheForm_areAccepted(String name) throws Exception {
    assertThat(objects.createIfAbsent(name, bytes("x"))).isTrue();
    assertThat(objects.list("")).extracting(ObjectStorage.ObjectEntry::name).containsExactly(name);
  }

  static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }
}
