package io.cityseg.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.cityseg.proto.ActionRecord;
import io.cityseg.proto.StageOutcome;
import io.cityseg.scenes.SceneOptions;
import io.cityseg.scenes.SceneWriter;
import io.cityseg.store.LocalObjects;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs on a real Flink cluster, of processes that are killed while they work. Each run has a store
 * of its own, and must make what the direct runner makes, byte for byte. The faults that take
 * minutes each are left out, visibly, unless {@code -Dcityseg.faults=true} asks for them.
 */
class FlinkClusterIT {
  static final String ALL_FAULTS = "cityseg.faults";

  /** Few, so that training is short, and large, so that there is time to kill in each stage. */
  private static final int ITEMS = 16;

  private static final int VAL_ITEMS = 8;

  @TempDir static Path folder;

  private static final List<ClusterClient> CLIENTS = new ArrayList<>();

  private static Path data;
  private static ClusterProcesses cluster;
  private static Cli.Result direct;
  private static Path killed;

  @BeforeAll
  static void runDirect() throws Exception {
    data = folder.resolve("scenes");
    killed = folder.resolve("killed");
    SceneWriter.draw(
        data, new SceneOptions(ITEMS - VAL_ITEMS, VAL_ITEMS, 7, 1024, 2048), drawn -> {});
    direct = client(folder.resolve("direct"), List.of("run")).finish();
    assertThat(direct.code()).as(direct.err()).isZero();
    cluster = ClusterProcesses.in(folder.resolve("cluster"));
  }

  @BeforeEach
  void startWhatIsMissing() throws Exception {
    cluster.up(2);
  }

  /** A test that failed leaves no client behind. */
  @AfterEach
  void endClients() {
    CLIENTS.forEach(ClusterClient::destroy);
    CLIENTS.clear();
  }

  @AfterAll
  static void stop() throws Exception {
    cluster.down();
  }

  @Test
  void run_whenOneJobFollowsAnother_bothMakeTheSameDigestsAsTheDirectRunner() throws Exception {
    ClusterClient client = submitted(folder.resolve("first"));
    Cli.Result first = client.finish();
    assertThat(first.code()).as(first.err()).isZero();
    assertThat(first.outputs()).isEqualTo(direct.outputs());
    String job = client.job();
    for (String node : List.of("ingest", "trainids", "shards", "train", "evaluate")) {
      assertThat(cluster.parallelism(job, node + "/run")).as("slots of %s", node).isEqualTo(2);
    }

    // A client of another build sends its own classes: natives must be found loaded already.
    ClusterClient other =
        client(
            folder.resolve("second"),
            System.getProperty("java.class.path"),
            List.of("run", "--flink-master", cluster.master()));
    Cli.Result second = other.finish();
    assertThat(second.code()).as(second.err()).isZero();
    assertThat(second.outputs()).isEqualTo(direct.outputs());
    assertThat(second.ran()).isEqualTo(direct.ran());
  }

  @Test
  @EnabledIfSystemProperty(named = ALL_FAULTS, matches = "true")
  void run_whenATaskManagerIsKilledInEachStage_finishesAndDoesNothingFinishedTwice()
      throws Exception {
    ClusterClient client = submitted(killed, "--parallelism", "1");
    Map<String, Integer> finished = new TreeMap<>();
    finished.put("trainids", killIn(client, "trainids", "trainids.item", 1, ITEMS));
    finished.put("shards", killIn(client, "shards", "shards.shard", 1, ITEMS));
    List<ActionRecord> epoch = killedWhileTraining(client);
    finished.put(
        "evaluate", killIn(client, "evaluate", "evaluate.shard", VAL_ITEMS + 1, 2 * VAL_ITEMS));

    Cli.Result run = client.finish();

    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.outputs()).isEqualTo(direct.outputs());
    for (StageOutcome outcome : run.run().getStagesList()) {
      int before = finished.getOrDefault(outcome.getNode(), 0);
      int already = outcome.getNode().equals("evaluate") ? before - VAL_ITEMS : before;
      // the pieces that were in the store when the machine was lost were found there, not computed
      assertThat(outcome.getPiecesRecovered())
          .as(outcome.getNode())
          .isGreaterThanOrEqualTo(already);
    }
    assertThat(run.ran()).as("pieces that the run computed").isEqualTo(direct.ran());
    assertThat(client.records("train.epoch")).hasSize(2).containsAll(epoch);
    assertCountsAreOfTheWhole(run.err());
  }

  @Test
  @EnabledIfSystemProperty(named = ALL_FAULTS, matches = "true")
  void run_whenJobManagerIsKilled_endsAndTheNextRunGoesOnFromThere() throws Exception {
    Path store = folder.resolve("master");
    ClusterClient client = submitted(store);
    client.await("actions/train.epoch", 1);
    cluster.kill("jobmanager");
    cluster.up(2);

    Cli.Result broken = client.finish();

    assertThat(broken.code()).as(broken.err()).isEqualTo(ExitCode.FAILED);
    assertThat(broken.err()).contains("no longer knows job").doesNotContain("\tat ");
    Cli.Result next = submitted(store).finish();
    assertThat(next.code()).as(next.err()).isZero();
    assertThat(next.outputs()).isEqualTo(direct.outputs());
    assertThat(next.ran()).doesNotContainKeys("ingest", "trainids", "shards", "init", "baseline");
  }

  @Test
  @EnabledIfSystemProperty(named = ALL_FAULTS, matches = "true")
  void run_whenTwoClientsSubmitTheSame_oneTrainsAndBothHaveTheSameDigests() throws Exception {
    Path store = folder.resolve("two");
    ClusterClient one = submitted(store, "--parallelism", "1");
    ClusterClient two = submitted(store, "--parallelism", "1");

    Cli.Result first = one.finish();
    Cli.Result second = two.finish();

    assertThat(first.code()).as(first.err()).isZero();
    assertThat(second.code()).as(second.err()).isZero();
    assertThat(first.outputs()).isEqualTo(direct.outputs());
    assertThat(second.outputs()).isEqualTo(direct.outputs());
    List<ActionRecord> epochs = one.records("train.epoch");
    assertThat(epochs)
        .hasSize(2)
        .extracting(epoch -> epoch.getFacts().getRunId())
        .containsOnly(epochs.get(0).getFacts().getRunId());
  }

  @Test
  void run_whenDetached_returnsAndShowFollowsItToItsEnd() throws Exception {
    Path store = folder.resolve("detached");
    Cli.Result submitted = submitted(store, "--detach", "--to", "shards").finish();
    assertThat(submitted.code()).as(submitted.err()).isZero();
    assertThat(submitted.run().getStatus()).isEqualTo("running");

    Cli.Result followed = client(store, List.of("show", "latest", "--follow")).finish();

    assertThat(followed.code()).as(followed.err()).isZero();
    assertThat(followed.run().getStatus()).isEqualTo("done");
    assertThat(followed.outputs())
        .containsEntry("shards", direct.outputs().get("shards"))
        .doesNotContainKey("train");
  }

  @Test
  void run_whenTerminated_cancelsTheJobWithinSeconds() throws Exception {
    ClusterClient client = submitted(folder.resolve("interrupted"), "--set", "train.epochs=50");
    client.await("actions/train.epoch", 1);
    String job = client.job();

    long signalled = System.nanoTime();
    client.terminate();
    Cli.Result interrupted = client.finish();

    assertThat(Duration.ofNanos(System.nanoTime() - signalled)).isLessThan(Duration.ofSeconds(30));
    assertThat(cluster.state(job)).isEqualTo("CANCELED");
    assertThat(interrupted.code()).as(interrupted.err()).isEqualTo(143);
    assertThat(interrupted.err()).contains("is cancelled").doesNotContain("\tat ");
  }

  @Test
  void run_whenTerminatedWhileItIsSubmitted_leavesNoJobBehind() throws Exception {
    ClusterClient client = submitted(folder.resolve("submitting"), "--to", "ingest");
    client.awaitError("results are in the store");

    client.terminate();
    Cli.Result interrupted = client.finish();

    assertThat(interrupted.code()).as(interrupted.err()).isEqualTo(143);
    assertThat(interrupted.err()).contains("interrupted: ").doesNotContain("\tat ");
    assertThat(cluster.jobsUnderWay()).isEmpty();
  }

  @Test
  @EnabledIfSystemProperty(named = ALL_FAULTS, matches = "true")
  void run_whenTaskManagerCannotWrite_saysWhatAndGoesOnElsewhere() throws Exception {
    cluster.down();
    ClusterProcesses full = ClusterProcesses.in(folder.resolve("full"));
    Path store = folder.resolve("full-store");
    // enough for the native libraries and not for a checkpoint, which has 168 MB
    full.upWithFilesOfAtMost(150_000);
    try {
      Cli.Result failed =
          client(store, List.of("run", "--flink-master", full.master(), "--to", "init")).finish();
      assertThat(failed.code()).as(failed.err()).isEqualTo(ExitCode.FAILED);
      assertThat(failed.err())
          .contains("init: Cannot write")
          .contains("File too large")
          .doesNotContain("\tat ");
    } finally {
      full.down();
    }
    cluster.up(2);

    Cli.Result elsewhere = submitted(store, "--to", "init").finish();

    assertThat(elsewhere.code()).as(elsewhere.err()).isZero();
    assertThat(elsewhere.outputs()).containsEntry("init", direct.outputs().get("init"));
  }

  /** Kills the TaskManager that does a node's pieces, when some are finished and some are not. */
  private static int killIn(ClusterClient client, String node, String action, int from, int all)
      throws Exception {
    Process watch = cluster.freezeWhen(killed.resolve("actions").resolve(action), from);
    client.await(watch);
    int finished;
    try {
      finished = client.records(action).size();
      assertThat(finished).as("pieces of %s when it was stopped", node).isBetween(from, all - 1);
      cluster.kill(cluster.taskManagerOf(client.job(), node + "/run"));
    } finally {
      cluster.thaw();
    }
    cluster.up(2);
    return finished;
  }

  private static List<ActionRecord> killedWhileTraining(ClusterClient client) throws Exception {
    killIn(client, "train", "train.epoch", 1, 2);
    return client.records("train.epoch").subList(0, 1);
  }

  /** What is said of a node's progress never counts a piece twice. */
  private static void assertCountsAreOfTheWhole(String said) {
    Map<String, Integer> pieces =
        Map.of("trainids", ITEMS, "shards", ITEMS, "evaluate", VAL_ITEMS, "train", 2);
    Matcher line = Pattern.compile("(?m)^(\\w+): (\\d+)/(\\d+) (?:pieces|steps)").matcher(said);
    while (line.find()) {
      int all = pieces.getOrDefault(line.group(1), Integer.parseInt(line.group(3)));
      assertThat(Integer.parseInt(line.group(3))).as(line.group()).isEqualTo(all);
      assertThat(Integer.parseInt(line.group(2))).as(line.group()).isBetween(0, all);
    }
  }

  private static ClusterClient submitted(Path store, String... more) throws Exception {
    return client(
        store,
        Stream.concat(Stream.of("run", "--flink-master", cluster.master()), Stream.of(more))
            .toList());
  }

  private static ClusterClient client(Path store, List<String> arguments) throws Exception {
    return client(store, ClusterClient.LAUNCHER_CLASS_PATH, arguments);
  }

  private static ClusterClient client(Path store, String classPath, List<String> arguments)
      throws Exception {
    List<String> command = new ArrayList<>(List.of(arguments.get(0)));
    if (arguments.get(0).equals("run")) {
      command.addAll(ClusterClient.SETTINGS);
      command.addAll(List.of("--data", data.toString()));
    }
    command.addAll(List.of("--json", "--store", store.toString()));
    // last, so that what a test sets wins
    command.addAll(arguments.subList(1, arguments.size()));
    ClusterClient client =
        ClusterClient.start(folder, LocalObjects.open(store), classPath, command, Map.of());
    CLIENTS.add(client);
    return client;
  }
}
