package io.cityseg.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.cityseg.proto.ActionRecord;
import io.cityseg.proto.FlinkJob;
import io.cityseg.run.Workspace;
import io.cityseg.store.ObjectStorage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

/** A command line in a process of its own, and the store that it works on. */
final class ClusterClient {
  /** The launcher's, which a cluster has, too. */
  static final String LAUNCHER_CLASS_PATH = "target/*:target/lib/*";

  /** Items of {@link #SETTINGS}'s data sets: few, so that training is short. */
  static final List<String> SETTINGS =
      List.of(
          "--set", "shards.height=33",
          "--set", "shards.width=65",
          "--set", "shards.items_per_shard=1",
          "--set", "train.epochs=2",
          "--set", "train.batch_size=8",
          "--set", "evaluate.pictures=1");

  private final ObjectStorage objects;
  private final Path errors;
  private final Path output;
  private final Process process;

  private ClusterClient(ObjectStorage objects, Path errors, Path output, Process process) {
    this.objects = objects;
    this.errors = errors;
    this.output = output;
    this.process = process;
  }

  /**
   * Starts a command.
   *
   * @param home stands for the launcher's folder
   * @param objects the store that the arguments name
   * @param environment what is added to this process's
   */
  static ClusterClient start(
      Path home,
      ObjectStorage objects,
      String classPath,
      List<String> arguments,
      Map<String, String> environment)
      throws IOException {
    Path errors = Files.createTempFile(home, "client", ".err");
    Path output = Files.createTempFile(home, "client", ".json");
    List<String> command =
        new ArrayList<>(
            List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "-Dai.djl.offline=true",
                "-D" + Workspace.HOME_PROPERTY + "=" + home,
                "-cp",
                classPath,
                CitySeg.class.getName()));
    command.addAll(arguments);
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(errors.toFile()).redirectOutput(output.toFile());
    builder.environment().putAll(environment);
    return new ClusterClient(objects, errors, output, builder.start());
  }

  /** Waits for its end. */
  Cli.Result finish() throws Exception {
    assertThat(process.waitFor(5, TimeUnit.MINUTES)).as("the client ends").isTrue();
    return new Cli.Result(
        process.exitValue(), Files.readString(output, StandardCharsets.UTF_8), errors());
  }

  /** Waits a while through which it must not end. */
  void goesOnFor(int seconds) throws Exception {
    boolean ended = process.waitFor(seconds, TimeUnit.SECONDS);
    assertThat(ended).as("the run has ended: %s", errors()).isFalse();
  }

  /** As Ctrl-C does, but for the signal: a shell's background jobs ignore that of Ctrl-C. */
  void terminate() {
    process.destroy();
  }

  void destroy() {
    process.destroyForcibly();
  }

  /** Waits until the store has so many objects in a folder. */
  void await(String folder, int count) throws Exception {
    await(folder, () -> objects.list(folder).size() >= count);
  }

  /** Waits until it has said something on standard error. */
  void awaitError(String text) throws Exception {
    await(text, () -> errors().contains(text));
  }

  /** Waits until a process that waits for something the run does has seen it, and ended. */
  void await(Process watch) throws Exception {
    try {
      await("what is watched for", () -> !watch.isAlive());
    } finally {
      watch.destroyForcibly();
    }
  }

  private void await(String what, Callable<Boolean> condition) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(4);
    while (!condition.call()) {
      assertThat(process.isAlive()).as("the run is under way: %s", errors()).isTrue();
      assertThat(System.nanoTime()).as("time until %s", what).isLessThan(deadline);
      TimeUnit.MILLISECONDS.sleep(2);
    }
  }

  /** The job that carries the run out. */
  String job() throws Exception {
    for (ObjectStorage.ObjectEntry entry : objects.list("runs")) {
      if (entry.name().endsWith("/job")) {
        return FlinkJob.parseFrom(objects.read(entry.name(), 1 << 16).orElseThrow()).getJobId();
      }
    }
    throw new AssertionError("No job is in the store: " + errors());
  }

  /** Records of an action ("trainids.item"), in the order of their keys. */
  List<ActionRecord> records(String action) throws Exception {
    List<ActionRecord> records = new ArrayList<>();
    for (ObjectStorage.ObjectEntry entry : objects.list("actions/" + action)) {
      records.add(ActionRecord.parseFrom(objects.read(entry.name(), 1 << 20).orElseThrow()));
    }
    return records;
  }

  String errors() throws IOException {
    return Files.readString(errors, StandardCharsets.UTF_8);
  }
}
