package io.cityseg.beam;

import static org.assertj.core.api.Assertions.assertThat;

import io.cityseg.config.ConfigLoader;
import io.cityseg.graph.Selection;
import io.cityseg.journal.Journal;
import io.cityseg.proto.GraphRequest;
import io.cityseg.proto.PipelineConfig;
import io.cityseg.proto.StageOutcome;
import io.cityseg.run.Preparation;
import io.cityseg.run.Workspace;
import io.cityseg.scenes.SceneOptions;
import io.cityseg.scenes.SceneWriter;
import io.cityseg.store.ArtifactStore;
import io.cityseg.store.ObjectStorage;
import io.cityseg.store.ObjectStorages;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A stage that is forced, when its job is begun again after the loss of a machine. */
class ForcedRunTest {
  private static final int ITEMS = 3;

  @TempDir Path folder;

  private ArtifactStore store;

  @BeforeEach
  void runOnce() throws Exception {
    SceneWriter.draw(folder.resolve("scenes"), new SceneOptions(2, 1, 7, 33, 65), drawn -> {});
    store = new ArtifactStore(ObjectStorages.open(folder.resolve("store").toString()));
    run(request("first", List.of()));
  }

  @Test
  void run_whenForcedAndTheMachineIsLostBeforeTheGathering_findsItsOwnPieces() throws Exception {
    GraphRequest forced = request("second", List.of("trainids"));
    StageOutcome made = run(forced);
    assertThat(made.getPiecesRun()).isEqualTo(ITEMS);
    assertThat(made.getPiecesRecovered()).isZero();
    forgetCall("second");

    StageOutcome again = run(forced);

    assertThat(again.getReason()).isEqualTo("forced");
    assertThat(again.getPiecesRecovered()).as("found, not computed").isEqualTo(ITEMS);
    assertThat(again.getPiecesRun()).as("by the run as a whole").isEqualTo(ITEMS);
    assertThat(again.getOutput()).isEqualTo(made.getOutput());
  }

  @Test
  void run_whenForcedAndTheMachineIsLostAfterTheGathering_findsItsOwnCall() throws Exception {
    GraphRequest forced = request("second", List.of("trainids"));
    StageOutcome made = run(forced);

    assertThat(run(forced)).isEqualTo(made);
  }

  @Test
  void run_whenAnotherRunForcesTheSame_computesAll() throws Exception {
    run(request("second", List.of("trainids")));

    StageOutcome other = run(request("third", List.of("trainids")));

    assertThat(other.getPiecesRun()).isEqualTo(ITEMS);
    assertThat(other.getPiecesRecovered()).isZero();
  }

  @Test
  void clear_whenTheRunHasEnded_leavesNothingOfTheForce() throws Exception {
    run(request("second", List.of("trainids")));
    assertThat(store.objects().list("runs/second/made")).hasSize(ITEMS + 1);

    new Journal(store.objects(), "second").clear();

    assertThat(store.objects().list("runs/second")).isEmpty();
  }

  private GraphRequest request(String runId, List<String> force) throws Exception {
    PipelineConfig.Builder config =
        ConfigLoader.resolve("quickstart", Optional.empty(), List.of()).toBuilder();
    config.getDataBuilder().clearPaths().addPaths(folder.resolve("scenes").toString());
    Selection selection = new Selection(Optional.empty(), Optional.of("trainids"), force);
    return new Preparation(store, new Workspace(folder.resolve("home")), notice -> {})
        .request(runId, config.build(), selection.nodes(), List.of());
  }

  private StageOutcome run(GraphRequest request) throws Exception {
    Pipeline pipeline = Pipeline.create(PipelineOptionsFactory.create());
    GraphPipeline.build(
        pipeline, request, folder.resolve("store").toString(), FanOut.inOneWorker(2));
    pipeline.run().waitUntilFinish();
    return new Journal(store.objects(), request.getRunId()).outcome("trainids", "").orElseThrow();
  }

  /** As if the machine had been lost when all pieces were there and the call was not. */
  private void forgetCall(String runId) throws Exception {
    for (String part : List.of("made/trainids", "outcomes")) {
      for (ObjectStorage.ObjectEntry entry : store.objects().list("runs/" + runId + "/" + part)) {
        store.objects().delete(entry.name());
      }
    }
  }
}
