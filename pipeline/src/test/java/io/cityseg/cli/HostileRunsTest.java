package io.cityseg.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.cityseg.journal.Journal;
import io.cityseg.proto.ArtifactRef;
import io.cityseg.proto.HeadlineMetric;
import io.cityseg.proto.RunRecord;
import io.cityseg.proto.StageOutcome;
import io.cityseg.proto.StageStatus;
import io.cityseg.store.LocalObjects;
import io.cityseg.store.ObjectStorage;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Records of runs that somebody wrote to do harm to whoever looks at them. */
@Timeout(120)
class HostileRunsTest {
  private static final String ID = "20260101-000000-abcd";

  /** Clears the screen, renames the window, moves up, and writes from right to left. */
  private static final String HOSTILE =
      "\u001b[2J\u001b]0;title\u0007\r\n\u009b1A\u0008\u202eevil\u0000";

  @TempDir Path folder;

  private ObjectStorage objects;
  private Cli cli;

  @BeforeEach
  void open() throws Exception {
    Path store = folder.resolve("store");
    objects = LocalObjects.open(store);
    cli = new Cli(folder, List.of("--store", store.toString()));
  }

  private static RunRecord run() {
    RunRecord.Builder run =
        RunRecord.newBuilder()
            .setId(ID)
            .setCommand("run")
            .setStatus("done")
            .setStartedAtMillis(1_700_000_000_000L)
            .setFinishedAtMillis(1_700_000_100_000L)
            .setHost("host")
            .setVersion("1")
            .setRunner("direct")
            .setProcessId(1);
    for (StageStatus status : List.of(StageStatus.RAN, StageStatus.FAILED, StageStatus.CACHED)) {
      run.addStages(
          StageOutcome.newBuilder()
              .setNode("train")
              .setStage("train")
              .setSubject("x")
              .setStatus(status)
              .setReason("first time")
              .setOutput(
                  ArtifactRef.newBuilder().setKind("Any").setSha256("0".repeat(64)).setSize(3)));
    }
    for (String measure : List.of("paper", "cityscapes")) {
      run.addMetrics(
          HeadlineMetric.newBuilder().setSubject("x").setMeasure(measure).setMeanIou(0.5));
    }
    return run.build();
  }

  /** The message with text that is not a name of ours ending in something hostile. */
  private static <T extends Message> T hostile(T message) {
    Message.Builder builder = message.toBuilder();
    for (var field : message.getAllFields().entrySet()) {
      FieldDescriptor key = field.getKey();
      if (List.of("id", "sha256", "measure").contains(key.getName())) {
        continue;
      }
      if (key.isRepeated()) {
        List<?> values = (List<?>) field.getValue();
        for (int n = 0; n < values.size(); n++) {
          builder.setRepeatedField(key, n, hostile(values.get(n)));
        }
      } else {
        builder.setField(key, hostile(field.getValue()));
      }
    }
    @SuppressWarnings("unchecked") // a message's builder builds its kind
    T built = (T) builder.build();
    return built;
  }

  private static Object hostile(Object value) {
    if (value instanceof String text) {
      return text + HOSTILE;
    }
    return value instanceof Message message ? hostile(message) : value;
  }

  @Test
  void show_whenTextHoldsControlCharacters_printsNoneOfThem() throws Exception {
    RunRecord record = hostile(run());
    new Journal(objects, ID).write(record);

    for (Cli.Result result :
        List.of(
            cli.run("runs"),
            cli.run("runs", "--json"),
            cli.run("show", "latest"),
            cli.run("show", ID, "--json"),
            cli.run("show", ID + HOSTILE),
            cli.run("export", "metrics", ID, folder.resolve("metrics").toString()))) {
      assertThat(result.out() + result.err())
          .doesNotContainPattern("[\\p{Cntrl}&&[^\n]]")
          .doesNotContain("\u009b", "\u202e");
    }
    assertThat(cli.run("show", "latest").out()).contains("\\u001b[2J");
    assertThat(cli.run("show", "latest", "--json").run())
        .as("machines still read what is stored")
        .isEqualTo(record);
  }

  @Test
  void show_whenRecordsAreMutated_isTheRunOrOneClearError() throws Exception {
    byte[] record = run().toByteArray();
    Random random = new Random(11);
    for (int n = 0; n < 100; n++) {
      byte[] mutated = record.clone();
      for (int flips = 0; flips < 1 + n % 4; flips++) {
        mutated[random.nextInt(mutated.length)] = (byte) random.nextInt(256);
      }
      objects.replace(
          "runs/" + ID + "/record",
          ByteString.copyFrom(
                  mutated, 0, n % 9 == 0 ? random.nextInt(mutated.length) : mutated.length)
              .toByteArray());

      requireAnAnswer(cli.run("runs"));
      requireAnAnswer(cli.run("show", "latest"));
    }
  }

  private static void requireAnAnswer(Cli.Result result) {
    assertThat(result.code()).as(result.err()).isIn(0, 1, 2);
    assertThat(result.err()).doesNotContain("unexpected error").doesNotContain("\tat ");
    assertThat(result.out() + result.err()).doesNotContainPattern("[\\p{Cntrl}&&[^\n\t]]");
  }
}
