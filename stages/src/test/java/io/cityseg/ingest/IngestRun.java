package io.cityseg.ingest;

import io.cityseg.proto.ArtifactRef;
import io.cityseg.proto.DatasetManifest;
import io.cityseg.proto.IngestConfig;
import io.cityseg.proto.LabelItem;
import io.cityseg.proto.LabelSource;
import io.cityseg.proto.LabelsManifest;
import io.cityseg.proto.Piece;
import io.cityseg.proto.PipelineConfig;
import io.cityseg.proto.StageCall;
import io.cityseg.scan.SourceScan;
import io.cityseg.stage.ProgressSink;
import io.cityseg.stage.StageContext;
import io.cityseg.stage.StageKeys;
import io.cityseg.store.ActionCache;
import io.cityseg.store.ArtifactStore;
import io.cityseg.store.MemoryObjects;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Scans folders and runs stage ingest on them, as a pipeline of one thread would. */
final class IngestRun {
  private final ArtifactStore store;
  private final StageContext context;
  private final IngestStage stage = new IngestStage();
  private final Path digests;
  private final List<Path> folders;

  /**
   * A run.
   *
   * @param digests the folder of the caches of digests: never beside the data, which may be
   *     read-only
   */
  IngestRun(Path digests, Path... folders) {
    this.digests = digests;
    this.store = new ArtifactStore(new MemoryObjects(digests.getParent()));
    this.context = new StageContext(store, new ActionCache(store), ProgressSink.NONE, "test");
    this.folders = List.of(folders);
  }

  ArtifactStore store() {
    return store;
  }

  private StageCall call(String labels) throws Exception {
    List<String> locations = folders.stream().map(Path::toString).toList();
    SourceScan.Found found = SourceScan.scan(locations, digests, store, ProgressSink.NONE);
    return StageCall.newBuilder()
        .setStage(stage.name())
        .setConfig(
            PipelineConfig.newBuilder().setIngest(IngestConfig.newBuilder().setLabels(labels)))
        .addInputs(StageKeys.input("sources", found.listing()))
        .addAllLocations(locations)
        .build();
  }

  List<Piece> pieces(String labels) throws Exception {
    return stage.split(call(labels), context);
  }

  ArtifactRef run(Piece piece) throws Exception {
    return stage.run(piece, context);
  }

  DatasetManifest dataset(String labels) throws Exception {
    StageCall call = call(labels);
    List<ArtifactRef> results = new ArrayList<>();
    for (Piece piece : stage.split(call, context)) {
      results.add(run(piece));
    }
    return store.readManifest(stage.gather(call, results, context), DatasetManifest.parser());
  }

  /** Where each item's label comes from. */
  List<LabelSource> sources(String labels) throws Exception {
    return store
        .readManifest(dataset(labels).getLabels(), LabelsManifest.parser())
        .getItemsList()
        .stream()
        .map(LabelItem::getSource)
        .toList();
  }
}
