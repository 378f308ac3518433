package io.cityseg.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.cityseg.store.LocalObjects;
import io.cityseg.store.ObjectStorage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The command line in processes of its own, as the launcher starts them: killed ones, and how long
 * a run that has nothing to do takes.
 */
class ProcessIT {
  /**
   * What a run that finds everything in the store may take, from the start of the process to its
   * end.
   */
  private static final Duration NOTHING_TO_DO = Duration.ofSeconds(5);

  /** What a run may take to end when it is interrupted; a busy machine is given time. */
  private static final Duration STOPPED = Duration.ofSeconds(20);

  @TempDir static Path folder;

  private static TinyDataSet data;

  @BeforeAll
  static void draw() throws Exception {
    data = TinyDataSet.draw(folder.resolve("scenes"));
  }

  @Test
  void run_whenKilledWhileTraining_continuesAfterTheLastEpochAndEndsWithTheSameBytes()
      throws Exception {
    Path store = folder.resolve("killed");
    Process killed = start(folder, store, "--set", "train.epochs=3");
    awaitEpoch(killed, store);
    killed.destroyForcibly().waitFor();
    List<ObjectStorage.ObjectEntry> finished = epochs(store);
    assertThat(finished).hasSizeBetween(1, 2);

    exportOfWhatIsThere(store, finished.size());

    Cli.Result continued = finish(folder, store, "--set", "train.epochs=3");
    assertThat(continued.code()).as(continued.err()).isZero();
    assertThat(continued.ran().keySet()).contains("train").doesNotContain("shards", "init");
    assertThat(epochs(store)).hasSize(3).containsAll(finished);

    Cli.Result unbroken = finish(folder, folder.resolve("unbroken"), "--set", "train.epochs=3");
    assertThat(continued.outputs()).isEqualTo(unbroken.outputs());

    assertThat(interruptedAndContinued().outputs()).isEqualTo(unbroken.outputs());
    nothingToDo(store);
  }

  /** Ctrl-C within an epoch: the process ends soon, and what it had stored is gone on from. */
  private static Cli.Result interruptedAndContinued() throws Exception {
    Path store = folder.resolve("interrupted");
    String[] arguments = {
      "--set", "train.epochs=3", "--set", "train.checkpoint_every_steps=1", "--runner", "direct"
    };
    Process run = start(folder, store, arguments);
    await(run, store, "actions/train.step");
    long signalled = System.nanoTime();
    boolean interruptible = takesInterrupts(run);
    String signal = interruptible ? "-INT" : "-TERM";
    new ProcessBuilder("kill", signal, Long.toString(run.pid())).start().waitFor();
    assertThat(run.waitFor()).as("128 + the signal's number").isEqualTo(interruptible ? 130 : 143);
    assertThat(Duration.ofNanos(System.nanoTime() - signalled)).isLessThan(STOPPED);
    assertThat(Files.readString(errors(store)))
        .contains("interrupted: what was finished is in the store")
        .doesNotContain("Exception");
    assertThat(epochs(store)).hasSizeLessThan(3);

    Cli.Result continued = finish(folder, store, arguments);
    assertThat(continued.code()).as(continued.err()).isZero();
    assertThat(continued.err()).contains("goes on after ");
    assertThat(LocalObjects.open(store).list("actions/train.step")).as("superseded").isEmpty();
    return continued;
  }

  /**
   * Whether a process does not ignore SIGINT: what a shell starts in the background does, and so
   * does all that comes of it.
   */
  private static boolean takesInterrupts(Process process) throws IOException {
    for (String line :
        Files.readAllLines(Path.of("/proc", Long.toString(process.pid()), "status"))) {
      if (line.startsWith("SigIgn:")) {
        return (Long.parseUnsignedLong(line.substring(7).strip(), 16) & 1L << 1) == 0;
      }
    }
    throw new IllegalStateException("The status of process " + process.pid() + " has no SigIgn");
  }

  private static void exportOfWhatIsThere(Path store, int epochs) throws Exception {
    Cli cli = new Cli(folder, List.of("--store", store.toString()));
    Path metrics = folder.resolve("metrics");
    Cli.Result exported =
        cli.exactly("export", "metrics", "latest", metrics.toString(), "--store", store.toString());
    assertThat(exported.code()).as(exported.err()).isZero();
    assertThat(exported.err())
        .contains("is not complete (killed): of its training, %d of at most 3".formatted(epochs));
    Path history = Path.of(exported.out().lines().findFirst().orElseThrow());
    assertThat(Files.readAllLines(history)).hasSize(1 + epochs);
    assertThat(cli.run("show", "latest").out()).contains("IMAGES/S  WAITING");
  }

  @Test
  void run_whenTerminatedWhileTraining_stopsItBeforeTheProcessEnds() throws Exception {
    Path store = folder.resolve("terminated");
    Process run = start(folder, store, "--set", "train.epochs=50");
    awaitEpoch(run, store);
    run.destroy();

    assertThat(run.waitFor(60, TimeUnit.SECONDS)).as("it ends").isTrue();
    // an engine that still computed while the process ended would crash it: 134
    assertThat(run.exitValue()).isEqualTo(143);
    assertThat(Files.readString(errors(store)))
        .contains("interrupted: what was finished is in the store")
        .doesNotContain("FAILED")
        .doesNotContain("fatal error")
        .doesNotContain("\tat ");
  }

  /**
   * From another folder, with another parallelism, on the other runner: all of it is in the store.
   */
  private static void nothingToDo(Path store) throws Exception {
    Path elsewhere = Files.createDirectories(folder.resolve("elsewhere"));
    for (List<String> variant :
        List.of(List.<String>of(), List.of("--parallelism", "1"), List.of("--runner", "flink"))) {
      List<String> arguments = new ArrayList<>(List.of("--set", "train.epochs=3"));
      arguments.addAll(variant);
      long started = System.nanoTime();
      Cli.Result again = finish(elsewhere, store, arguments.toArray(String[]::new));
      Duration took = Duration.ofNanos(System.nanoTime() - started);

      assertThat(again.code()).as(again.err()).isZero();
      assertThat(again.ran()).as("%s", variant).isEmpty();
      assertThat(took).as("%s", variant).isLessThan(NOTHING_TO_DO);
    }
  }

  private static void awaitEpoch(Process run, Path store) throws Exception {
    await(run, store, "actions/train.epoch");
  }

  private static void await(Process run, Path store, String folderOfActions) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(5);
    while (LocalObjects.open(store).list(folderOfActions).isEmpty()) {
      assertThat(run.isAlive()).as("the run is under way").isTrue();
      assertThat(System.nanoTime()).as("time until %s", folderOfActions).isLessThan(deadline);
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }

  private static List<ObjectStorage.ObjectEntry> epochs(Path store) throws Exception {
    return LocalObjects.open(store).list("actions/train.epoch");
  }

  private static Cli.Result finish(Path from, Path store, String... arguments) throws Exception {
    Process process = start(from, store, arguments);
    byte[] out = process.getInputStream().readAllBytes();
    int code = process.waitFor();
    return new Cli.Result(
        code, new String(out, StandardCharsets.UTF_8), Files.readString(errors(store)));
  }

  private static Process start(Path from, Path store, String... arguments) throws IOException {
    List<String> all =
        new ArrayList<>(List.of("--data", data.root().toString(), "--store", store.toString()));
    all.addAll(List.of(arguments));
    return RunProcess.of(folder, all)
        .directory(from.toFile())
        .redirectError(ProcessBuilder.Redirect.appendTo(errors(store).toFile()))
        .start();
  }

  private static Path errors(Path store) {
    return folder.resolve(store.getFileName() + ".err");
  }
}
