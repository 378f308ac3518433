package io.cityseg.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.cityseg.proto.CountedPieces;
import io.cityseg.proto.Progress;
import io.cityseg.store.LocalObjects;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeProgressTest {
  @TempDir Path folder;

  private Journal journal;

  @BeforeEach
  void open() throws Exception {
    journal = new Journal(LocalObjects.open(folder), "run");
  }

  /** A machine's voice; each has its own, as each of its functions has. */
  private StoredProgress writer(String node) {
    return new StoredProgress(journal, node);
  }

  private Progress only(String node) throws Exception {
    JournalView view = new JournalView(LocalObjects.open(folder), "run");
    view.look();
    List<Progress> nodes = view.progress();
    assertThat(nodes).extracting(Progress::getStage).containsExactly(node);
    return nodes.get(0);
  }

  @Test
  void progress_whenAMachineIsLostAndAnotherDoesItsWork_countsEveryPieceOnce() throws Exception {
    writer("shards").expect("call", 11);
    StoredProgress lost = writer("shards");
    for (int piece : new int[] {0, 3, 10}) {
      lost.pieceDone("call", piece);
    }
    lost.flush();

    // it takes the whole of its work up again, and finds three pieces in the store
    writer("shards").expect("call", 11);
    StoredProgress next = writer("shards");
    for (int piece : new int[] {10, 0, 3, 7}) {
      next.pieceDone("call", piece);
    }
    next.flush();

    Progress shards = only("shards");
    assertThat(shards.getDone()).isEqualTo(4);
    assertThat(shards.getTotal()).isEqualTo(11);
    assertThat(shards.getUnit()).isEqualTo("pieces");
  }

  @Test
  void progress_whenANodeHasSeveralCalls_sumsThem() throws Exception {
    StoredProgress announcing = writer("evaluate");
    announcing.expect("epoch 1", 3);
    announcing.expect("epoch 2", 3);
    StoredProgress running = writer("evaluate");
    running.pieceDone("epoch 1", 0);
    running.pieceDone("epoch 2", 0);
    running.flush();

    assertThat(only("evaluate").getDone()).isEqualTo(2);
    assertThat(only("evaluate").getTotal()).isEqualTo(6);
  }

  @Test
  void of_whenTrainingGoesOnElsewhere_isWhatWasSaidLast() {
    Progress lost = training(20, 1_000, "epoch 4");
    Progress next = training(15, 2_000, "goes on after epoch 3");

    assertThat(NodeProgress.of(List.of(next, lost))).containsExactly(next);
  }

  @Test
  void of_whenALineIsDamaged_countsWhatIsAnIndex() {
    Progress damaged =
        Progress.newBuilder()
            .setStage("shards")
            .addCalls(
                CountedPieces.newBuilder()
                    .setCall("call")
                    .setTotal(-5)
                    .addGaps(1)
                    .addGaps(PieceSet.MAX_PIECES)
                    .addGaps(-1))
            .addCalls(CountedPieces.newBuilder().setCall("call").setTotal(4).addGaps(0))
            .build();

    assertThat(NodeProgress.of(List.of(damaged)))
        .singleElement()
        .satisfies(
            shards -> {
              assertThat(shards.getDone()).isEqualTo(1);
              assertThat(shards.getTotal()).isEqualTo(4);
            });
  }

  private static Progress training(int done, long toldAt, String message) {
    return Progress.newBuilder()
        .setStage("train")
        .setDone(done)
        .setTotal(22)
        .setUnit("steps")
        .setMessage(message)
        .setToldAtMillis(toldAt)
        .build();
  }
}
