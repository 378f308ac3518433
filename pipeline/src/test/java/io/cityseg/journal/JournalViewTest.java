package io.cityseg.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.cityseg.proto.CountedPieces;
import io.cityseg.proto.Progress;
import io.cityseg.proto.RunRecord;
import io.cityseg.proto.StageOutcome;
import io.cityseg.proto.StageStatus;
import io.cityseg.store.LocalObjects;
import io.cityseg.store.ObjectStorage;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalViewTest {
  @TempDir Path folder;

  /** What was asked of the storage: "states runs/r". */
  private final List<String> asked = new ArrayList<>();

  private Journal journal;
  private JournalView view;
  private ObjectStorage objects;

  @BeforeEach
  void begin() throws Exception {
    objects = LocalObjects.open(folder);
    journal = new Journal(objects, "r");
    view = new JournalView(counted(), "r");
    journal.write(RunRecord.newBuilder().setId("r").setStatus(RunStatus.RUNNING).build());
    journal.write("train", "a", Progress.newBuilder().setStage("train").setDone(1).build());
    view.look();
    asked.clear();
  }

  private ObjectStorage counted() {
    return (ObjectStorage)
        Proxy.newProxyInstance(
            ObjectStorage.class.getClassLoader(),
            new Class<?>[] {ObjectStorage.class},
            (proxy, method, arguments) -> {
              if (arguments != null) {
                asked.add(method.getName() + " " + arguments[0]);
              }
              try {
                return method.invoke(objects, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  @Test
  void look_whenNothingIsNew_isOneRequestAndWaitsLonger() throws Exception {
    Duration before = view.pause();

    view.look();

    assertThat(asked).containsExactly("states runs/r");
    assertThat(view.pause()).isEqualTo(before.multipliedBy(2));
  }

  @Test
  void look_whenALineIsReplaced_readsThatOneAlone() throws Exception {
    journal.write("train", "a", Progress.newBuilder().setStage("train").setDone(2).build());

    view.look();

    assertThat(asked).containsExactly("states runs/r", "read runs/r/progress/train/a");
    assertThat(view.progress()).extracting(Progress::getDone).containsExactly(2L);
    assertThat(view.pause()).isEqualTo(objects.pace());
  }

  @Test
  void look_whenARunOfManyOutcomesIsFollowed_readsEachOnce() throws Exception {
    for (int n = 0; n < 40; n++) {
      journal.write(
          StageOutcome.newBuilder()
              .setNode("evaluate")
              .setSubject("epoch " + n)
              .setStatus(StageStatus.RAN)
              .build());
      view.look();
    }

    assertThat(view.outcomes()).hasSize(40);
    assertThat(asked).as("a listing and a line for each outcome").hasSize(80);
  }

  @Test
  void look_whenManyWorkersProgress_readsSomeOfThemInTurn() throws Exception {
    int workers = 3 * JournalView.MAX_PROGRESS_READS;
    for (int round = 1; round <= 4; round++) {
      for (int n = 0; n < workers; n++) {
        journal.write(
            "shards",
            "w" + n,
            Progress.newBuilder()
                .setStage("shards")
                .setToldAtMillis(round)
                .addCalls(CountedPieces.newBuilder().setCall("c").setTotal(workers).addGaps(n + 1))
                .build());
      }
      asked.clear();
      view.look();
      assertThat(asked).hasSize(1 + JournalView.MAX_PROGRESS_READS);
    }

    assertThat(view.progress().stream().filter(line -> line.getStage().equals("shards")))
        .as("every worker's line was read once, and some a second time")
        .extracting(Progress::getDone)
        .containsExactly((long) workers);
  }

  @Test
  void look_whenTheJournalIsCleared_forgetsItsLines() throws Exception {
    journal.clear();

    view.look();

    assertThat(view.progress()).isEmpty();
    assertThat(view.record()).isPresent();
  }

  @Test
  void look_whenALineIsDamaged_leavesItOutAndDoesNotReadItAgain() throws Exception {
    objects.replace("runs/r/outcomes/x", "\u0001\u0002".getBytes(StandardCharsets.UTF_8));
    objects.replace("runs/r/other", new byte[3]);

    view.look();
    asked.clear();
    view.look();

    assertThat(view.outcomes()).isEmpty();
    assertThat(asked).hasSize(1);
  }
}
