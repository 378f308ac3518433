package io.cityseg.run;

import static java.util.Objects.requireNonNull;

import io.cityseg.proto.DataConfig;
import io.cityseg.proto.GraphRequest;
import io.cityseg.proto.NamedCheckpoint;
import io.cityseg.proto.NodeSelection;
import io.cityseg.proto.PipelineConfig;
import io.cityseg.scan.DataFolderException;
import io.cityseg.scan.SourceScan;
import io.cityseg.scenes.SceneOptions;
import io.cityseg.scenes.SceneWriter;
import io.cityseg.scenes.ScenesException;
import io.cityseg.stage.ProgressSink;
import io.cityseg.store.ArtifactStore;
import io.cityseg.store.S3Address;
import io.cityseg.store.StoreException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * What is done on the client before the graph: finding or drawing the data, and storing what the
 * graph begins from.
 */
public final class Preparation {
  private static final long NOTICE_INTERVAL_NANOS = 5_000_000_000L;

  private final ArtifactStore store;
  private final Workspace workspace;
  private final Consumer<String> notices;

  public Preparation(ArtifactStore store, Workspace workspace, Consumer<String> notices) {
    this.store = requireNonNull(store, "store");
    this.workspace = requireNonNull(workspace, "workspace");
    this.notices = requireNonNull(notices, "notices");
  }

  /**
   * Makes the request for a run.
   *
   * @param config every field set
   * @param nodes what each node does
   * @param checkpoints given ones, to be evaluated beside those of the training
   */
  public GraphRequest request(
      String runId,
      PipelineConfig config,
      List<NodeSelection> nodes,
      List<NamedCheckpoint> checkpoints)
      throws DataFolderException,
          ScenesException,
          WeightsException,
          StoreException,
          InterruptedException {
    List<String> locations = locations(config.getData());
    SourceScan.Found scan = SourceScan.scan(locations, workspace.digests(), store, scanProgress());
    if (scan.testImages() > 0) {
      notices.accept(
          "%d images of the test split are left out: its labels are dummies"
              .formatted(scan.testImages()));
    }
    scan.firstIgnored()
        .ifPresent(
            first ->
                notices.accept(
                    "files that are not of the data set are ignored: %d, the first is %s"
                        .formatted(scan.ignored(), first)));
    GraphRequest.Builder request =
        GraphRequest.newBuilder()
            .setRunId(runId)
            .setConfig(config)
            .setSources(scan.listing())
            .addAllLocations(locations)
            .addAllNodes(nodes)
            .addAllCheckpoints(checkpoints);
    new PretrainedWeights(store, workspace.weights(), notices)
        .put(config.getInit())
        .ifPresent(request::setWeights);
    return request.build();
  }

  /**
   * Hashing a large data set for the first time takes a while: says how far it is every five
   * seconds.
   */
  private ProgressSink scanProgress() {
    AtomicLong toldAt = new AtomicLong(System.nanoTime());
    return progress -> {
      if (System.nanoTime() - toldAt.get() > NOTICE_INTERVAL_NANOS) {
        toldAt.set(System.nanoTime());
        notices.accept(
            "reading the data set: %d/%d files".formatted(progress.getDone(), progress.getTotal()));
      }
    };
  }

  /**
   * Where the data set is: folders, or buckets with all that a worker needs to know of them. Scenes
   * are drawn once for each set of options, and kept.
   */
  private List<String> locations(DataConfig data)
      throws DataFolderException, ScenesException, InterruptedException {
    if (data.getPathsCount() == 0) {
      return List.of(scenes(data).toString());
    }
    List<String> locations = new ArrayList<>();
    for (String path : data.getPathsList()) {
      try {
        locations.add(
            S3Address.isOne(path)
                ? S3Address.parse(path).withDefaults(System::getenv).uri()
                : Path.of(path).toAbsolutePath().normalize().toString());
      } catch (StoreException e) {
        throw new DataFolderException("Data set: " + e.getMessage(), e);
      }
    }
    return locations;
  }

  private Path scenes(DataConfig data) throws ScenesException, InterruptedException {
    SceneOptions options =
        new SceneOptions(
            data.getScenesTrain(),
            data.getScenesVal(),
            data.getScenesSeed(),
            data.getScenesHeight(),
            data.getScenesWidth());
    Path folder =
        workspace
            .scenes()
            .resolve(
                "v%d-%dx%d-%d+%d-seed%d"
                    .formatted(
                        SceneWriter.VERSION,
                        options.height(),
                        options.width(),
                        options.train(),
                        options.val(),
                        options.seed()));
    if (!Files.isDirectory(folder)) {
      notices.accept(
          "No data set was given: drawing %d training and %d validation scenes into %s"
              .formatted(options.train(), options.val(), folder));
      try {
        SceneWriter.draw(folder, options, scenes -> {});
      } catch (ScenesException e) {
        // another run may have drawn the same scenes meanwhile: they appear whole or not at all
        if (!Files.isDirectory(folder)) {
          throw e;
        }
      }
    }
    return folder;
  }
}
