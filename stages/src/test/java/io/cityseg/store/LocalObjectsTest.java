package io.cityseg.store;

import static io.cityseg.store.ObjectStorageContract.bytes;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is particular to a directory: seals, temporary files, and how it fails. */
class LocalObjectsTest {
  private static final long LIMIT = StoreProcess.OBJECT_BYTES;
  private static final Digest EXPECTED = Digest.of(bytes("content"));

  @TempDir Path folder;

  @Test
  void open_whenTheDirectoryIsAbsent_makesItAndItsParents() throws Exception {
    Path root = folder.resolve("a/b/store");

    assertThat(LocalObjects.open(root).location()).isEqualTo(root.toString());
    assertThat(root).isDirectory();
  }

  @Test
  void open_whenItIsAFile_namesItAndSaysWhatToDo() throws Exception {
    Path file = Files.createFile(folder.resolve("file"));

    assertThatThrownBy(() -> LocalObjects.open(file))
        .isInstanceOf(StoreException.class)
        .hasMessage(
            "Cannot use %s as a store: it is a file, not a directory; choose another place"
                .formatted(file));
    assertThatThrownBy(() -> LocalObjects.open(file.resolve("store")))
        .isInstanceOf(StoreException.class)
        .hasMessageStartingWith(
            "Cannot use %s as a store: it cannot be created (".formatted(file.resolve("store")))
        .hasMessageEndingWith("or choose another directory");
  }

  @Test
  void open_whenItCannotBeWritten_saysSo() throws Exception {
    Path root = folder.resolve("store");
    LocalObjects.open(root);
    Path temporaries = root.resolve("tmp");
    Files.setPosixFilePermissions(temporaries, PosixFilePermissions.fromString("r-xr-xr-x"));
    assumeTrue(!Files.isWritable(temporaries), "permissions do not bind this user");

    assertThatThrownBy(() -> LocalObjects.open(root))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("Cannot use %s as a store".formatted(root))
        .hasMessageContaining("permission denied for")
        .hasMessageContaining("correct the permissions or choose another directory");
  }

  @Test
  void open_whenTemporaryFilesAreStale_removesThemAndNoOthers() throws Exception {
    Path root = folder.resolve("store");
    TestClock clock = new TestClock();
    LocalObjects.open(root, clock);
    Path old = Files.createFile(root.resolve("tmp/" + clock.millis() + "-killed"));
    clock.advance(Duration.ofHours(12));
    Path recent = Files.createFile(root.resolve("tmp/" + clock.millis() + "-at-work"));
    // A complete file that has not got its name yet: old by its seal, recent by its name.
    Files.setLastModifiedTime(recent, Seal.TIME);
    Path strange = Files.createFile(root.resolve("tmp/placement.lock"));

    clock.advance(Duration.ofHours(13));
    LocalObjects.open(root, clock);

    assertThat(old).doesNotExist();
    assertThat(recent).exists();
    assertThat(strange).exists();
  }

  @Test
  void open_whenAProcessWasKilled_removesItsTemporaryFilesAtOnce() throws Exception {
    Path root = folder.resolve("store");
    LocalObjects objects = LocalObjects.open(root);
    Process killed = new ProcessBuilder("true").start();
    killed.waitFor();
    try (TemporaryFile mine = objects.temporaryFile()) {
      String name = mine.path().getFileName().toString();
      String process = "-" + ProcessHandle.current().pid() + "-";
      Path orphan =
          Files.createFile(root.resolve("tmp/" + name.replace(process, "-" + killed.pid() + "-")));
      String place = name.split("-", -1)[2];
      Path elsewhere =
          Files.createFile(
              root.resolve(
                  "tmp/"
                      + name.replace(process, "-" + killed.pid() + "-")
                          .replace(
                              place, place.equals("0".repeat(8)) ? "1".repeat(8) : "0".repeat(8))));

      LocalObjects.open(root);

      assertThat(orphan).doesNotExist();
      assertThat(elsewhere).as("of another machine").exists();
      assertThat(mine.path()).as("of a process that lives").exists();
    }
  }

  @Test
  void temporaryFile_whenClosed_isGone() throws Exception {
    TemporaryFile file = open().temporaryFile();
    assertThat(file.path()).isEmptyFile();
    file.close();
    assertThat(file.path()).doesNotExist();
    file.close();
  }

  @Test
  void temporaryFile_ofAStorageWithoutRoomOfItsOwn_isInTheGivenFolder() throws Exception {
    try (TemporaryFile file = TemporaryFile.in(folder.resolve("deep/er"))) {
      assertThat(file.path().getParent()).isEqualTo(folder.resolve("deep/er"));
    }
    Path blocked = Files.createFile(folder.resolve("blocked"));
    assertThatThrownBy(() -> TemporaryFile.in(blocked))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("Cannot make a temporary file in " + blocked);
  }

  @Test
  void createIfAbsent_whenDone_leavesASealedFileAndNothingTemporary() throws Exception {
    LocalObjects objects = open();
    Path source = Files.write(folder.resolve("source"), bytes("content"));

    objects.createIfAbsent("a", bytes("content"));
    objects.createIfAbsent("b", source);
    objects.createIfAbsent("b", source);

    for (String name : List.of("a", "b")) {
      Path file = root().resolve(name);
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
          .isEqualTo("r--r--r--");
      assertThat(Files.getLastModifiedTime(file).toString()).isEqualTo("2000-01-01T00:00:00Z");
    }
    assertThat(temporaries()).isEmpty();
    assertThat(Files.isWritable(source)).isTrue();
  }

  @Test
  void createIfAbsent_whenTheSourceCannotBeCopied_leavesNothing() throws Exception {
    LocalObjects objects = open();

    assertThatThrownBy(() -> objects.createIfAbsent("a", folder))
        .isInstanceOf(StoreException.class)
        .hasMessage(
            "Cannot read %s to store it as a: it is a folder, not a file".formatted(folder));
    assertThat(temporaries()).isEmpty();
    assertThat(objects.stat("a")).isEmpty();
  }

  @Test
  void createIfAbsent_whenAPartOfTheNameIsAnObject_fails() throws Exception {
    LocalObjects objects = open();
    objects.createIfAbsent("a", bytes("x"));
    objects.createIfAbsent("b/c", bytes("x"));

    assertThatThrownBy(() -> objects.createIfAbsent("a/b", bytes("x")))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("Cannot write a/b (1 bytes)");
    assertThatThrownBy(() -> objects.createIfAbsent("b", bytes("x")))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("there are objects whose names begin with b/");
    assertThatThrownBy(() -> objects.replace("b", bytes("x"))).isInstanceOf(StoreException.class);
    assertThat(temporaries()).isEmpty();
  }

  @Test
  void createIfAbsent_whenTheDiskTakesNoMore_leavesNothingAndSaysHowMuchWasNeeded()
      throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/bin/sh")), "no shell to limit a process with");
    open();

    Process process = StoreProcess.start("ulimit -f 200;", root(), 1);
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);

    assertThat(output)
        .contains(
            "StoreException: Cannot write objects/0/0 (1048576 bytes) to the store %s, which has "
                .formatted(root()))
        .contains("bytes free: File too large");
    assertThat(temporaries()).isEmpty();
    assertThat(open().list("")).isEmpty();
  }

  @Test
  void writing_whenTooLittleIsFree_saysHowMuch() throws Exception {
    assertThat(
            LocalFailures.writing(
                folder, "blobs/x", Long.MAX_VALUE, new IOException("No space left on device")))
        .hasMessageMatching(
            "Cannot write blobs/x \\(9223372036854775807 bytes\\) to the store .*: only \\d+ bytes are free there \\(No space left on device\\); free some space or choose another store");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5})
  void objects_whenTheirWriterIsKilled_areWholeOrAbsent(int linesBeforeTheKill) throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/bin/sh")), "no shell to start a process with");
    Process process = StoreProcess.start("", root(), Integer.MAX_VALUE);
    try (BufferedReader lines = process.inputReader(UTF_8)) {
      for (int i = 0; i < linesBeforeTheKill; i++) {
        assertThat(lines.readLine()).isEqualTo(Integer.toString(i));
      }
      process.destroyForcibly().waitFor();
    }

    LocalObjects objects = open();
    List<ObjectStorage.ObjectEntry> entries = objects.list("objects");
    assertThat(entries).hasSizeGreaterThanOrEqualTo(linesBeforeTheKill);
    for (int n = 0; n < entries.size(); n++) {
      assertThat(objects.read(StoreProcess.name(n), LIMIT)).hasValue(StoreProcess.content(n));
    }
    byte[] replaced = objects.read("replaced", LIMIT).orElseThrow();
    assertThat(replaced).isEqualTo(StoreProcess.content(replaced[0]));
    assertThat(objects.createIfAbsent(StoreProcess.name(entries.size()), bytes("next"))).isTrue();
  }

  @Test
  void file_whenSealed_isNotHashed() throws Exception {
    LocalObjects objects = open();
    objects.createIfAbsent("a", bytes("content"));
    overwrite("a", "CONTENT", Seal.TIME);

    assertThat(objects.file("a", EXPECTED).orElseThrow().actual()).isEqualTo(EXPECTED);
  }

  @Test
  void file_whenModified_isHashed() throws Exception {
    LocalObjects objects = open();
    objects.createIfAbsent("a", bytes("content"));
    overwrite("a", "CONTENT", FileTime.fromMillis(1));

    assertThat(objects.file("a", EXPECTED).orElseThrow().actual())
        .isEqualTo(Digest.of(bytes("CONTENT")));
  }

  @Test
  void file_whenUnsealedAndUnchanged_isSealedAgain() throws Exception {
    LocalObjects objects = open();
    objects.createIfAbsent("a", bytes("content"));
    overwrite("a", "content", FileTime.fromMillis(1));

    assertThat(objects.file("a", EXPECTED).orElseThrow().actual()).isEqualTo(EXPECTED);
    assertThat(Files.getLastModifiedTime(root().resolve("a"))).isEqualTo(Seal.TIME);
  }

  @Test
  void file_whenSealedAndEmptied_isHashed() throws Exception {
    LocalObjects objects = open();
    objects.createIfAbsent("a", bytes("content"));
    overwrite("a", "", Seal.TIME);

    assertThat(objects.file("a", EXPECTED).orElseThrow().actual()).isEqualTo(Digest.OF_NOTHING);
  }

  @Test
  void everything_whenTheStoreIsGone_saysSoAndDoesNotMakeItAnew() throws Exception {
    LocalObjects objects = open();
    objects.createIfAbsent("a", bytes("content"));
    deleteAll(root());

    String gone =
        "the store %s: the directory is gone; bring it back (mount it, or restore its permissions) and run again"
            .formatted(root());
    assertGone(() -> objects.read("a", LIMIT), "Cannot read a from " + gone);
    assertGone(() -> objects.open("a"), "Cannot read a from " + gone);
    assertGone(() -> objects.stat("a"), "Cannot read a from " + gone);
    assertGone(() -> objects.file("a", EXPECTED), "Cannot read a from " + gone);
    assertGone(() -> objects.list("a"), "Cannot list " + gone);
    assertGone(() -> objects.delete("a"), "Cannot delete a from " + gone);
    assertGone(
        () -> objects.createIfAbsent("a", bytes("content")), "Cannot write a (7 bytes) to " + gone);
    assertGone(() -> objects.replace("a", bytes("content")), "Cannot write a (7 bytes) to " + gone);
    assertThat(root()).doesNotExist();
  }

  @Test
  void createIfAbsent_whenSomebodyRemovedTheTemporaryFolder_makesItAnew() throws Exception {
    LocalObjects objects = open();
    Files.delete(root().resolve("tmp"));

    assertThat(objects.createIfAbsent("a", bytes("x"))).isTrue();
    objects.replace("b", bytes("x"));
    assertThat(objects.list("")).hasSize(2);
  }

  @Test
  void read_whenPermissionIsLost_saysSo() throws Exception {
    LocalObjects objects = open();
    objects.createIfAbsent("a", bytes("content"));
    Files.setPosixFilePermissions(
        root().resolve("a"), PosixFilePermissions.fromString("---------"));
    assumeTrue(!Files.isReadable(root().resolve("a")), "permissions do not bind this user");

    assertThatThrownBy(() -> objects.read("a", LIMIT))
        .isInstanceOf(StoreException.class)
        .hasMessage(
            "Cannot read a from the store %s: permission denied for %s; correct the permissions"
                .formatted(root(), root().resolve("a")));
  }

  @Test
  void supportHardLinks_onAnUsualFileSystem_isTrueAndLeavesNothing() throws Exception {
    TemporaryFiles files =
        new TemporaryFiles(Files.createDirectory(folder.resolve("t")), Clock.systemUTC());

    assertThat(files.supportHardLinks()).isTrue();
    assertThat(files.directory()).isEmptyDirectory();
  }

  private static void assertGone(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String message) {
    assertThatThrownBy(call).isInstanceOf(StoreException.class).hasMessage(message);
  }

  private Path root() {
    return folder.resolve("store");
  }

  private LocalObjects open() throws StoreException {
    return LocalObjects.open(root());
  }

  private List<Path> temporaries() throws IOException {
    try (Stream<Path> files = Files.list(root().resolve("tmp"))) {
      return files.toList();
    }
  }

  private void overwrite(String name, String content, FileTime time) throws IOException {
    Path file = root().resolve(name);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    Files.write(file, bytes(content));
    Files.setLastModifiedTime(file, time);
  }

  private static void deleteAll(Path root) throws IOException {
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, IOException failure)
              throws IOException {
            Files.delete(directory);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
