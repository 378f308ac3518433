package io.cityseg.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.cityseg.journal.Journal;
import io.cityseg.journal.RunStatus;
import io.cityseg.journal.StoredProgress;
import io.cityseg.proto.RunRecord;
import io.cityseg.proto.StageOutcome;
import io.cityseg.proto.StageStatus;
import io.cityseg.store.LocalObjects;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShowCommandTest {
  @TempDir Path folder;

  @Test
  void show_whenARunIsUnderWay_saysHowFarItIs() throws Exception {
    String id = "20260102-030405-0001";
    Journal journal = new Journal(LocalObjects.open(folder), id);
    journal.write(
        RunRecord.newBuilder()
            .setId(id)
            .setCommand("run")
            .setStatus(RunStatus.RUNNING)
            .setHost("another")
            .build());
    journal.write(
        StageOutcome.newBuilder()
            .setNode("ingest")
            .setStage("ingest")
            .setStatus(StageStatus.RAN)
            .setReason("first time")
            .setPiecesRun(11)
            .setPiecesRecovered(4)
            .build());
    StoredProgress finished = new StoredProgress(journal, "ingest");
    finished.expect("call", 11);
    StoredProgress shards = new StoredProgress(journal, "shards");
    shards.expect("call", 8);
    shards.pieceDone("call", 5);
    shards.flush();

    Cli.Result shown = new Cli(folder, List.of("--store", folder.toString())).run("show", "latest");

    assertThat(shown.code()).as(shown.err()).isZero();
    assertThat(shown.out())
        .contains("first time (11 of 11 pieces, 4 in an earlier attempt)")
        .contains("shards: 1/8 pieces")
        .doesNotContain("ingest: ");
  }
}
