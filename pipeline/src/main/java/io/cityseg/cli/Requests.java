package io.cityseg.cli;

import io.cityseg.proto.GraphRequest;
import io.cityseg.proto.NamedCheckpoint;
import io.cityseg.proto.NodeSelection;
import io.cityseg.proto.PipelineConfig;
import io.cityseg.run.Preparation;
import io.cityseg.run.WeightsException;
import io.cityseg.run.Workspace;
import io.cityseg.scan.DataFolderException;
import io.cityseg.scenes.ScenesException;
import io.cityseg.store.ArtifactStore;
import io.cityseg.store.StoreException;
import java.util.List;

/** Prepares requests; data or weights that cannot be found are the user's to mend. */
final class Requests {
  private Requests() {}

  static GraphRequest prepare(
      ArtifactStore store,
      Workspace workspace,
      RunDisplay display,
      String runId,
      PipelineConfig config,
      List<NodeSelection> nodes,
      List<NamedCheckpoint> checkpoints)
      throws UsageException, StoreException, InterruptedException {
    try {
      return new Preparation(store, workspace, display::notice)
          .request(runId, config, nodes, checkpoints);
    } catch (DataFolderException | ScenesException | WeightsException e) {
      throw new UsageException(e.getMessage(), e);
    }
  }
}
