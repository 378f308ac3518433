package io.cityseg.cli;

import io.cityseg.run.Workspace;
import io.cityseg.store.ArtifactStore;
import io.cityseg.store.ObjectStorages;
import io.cityseg.store.StoreException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Where results are kept. */
final class StoreOptions {
  @Option(
      names = "--store",
      paramLabel = "DIR",
      description =
          "Where results are kept and found again (default: .cityseg/store beside the launcher).")
  private String store;

  /** The store's address, the same from every working directory and process. */
  String uri(Workspace workspace) {
    if (store == null) {
      return workspace.store().toString();
    }
    return store.contains(":") ? store : Path.of(store).toAbsolutePath().normalize().toString();
  }

  /** Opens the store, which is made when there is none. */
  ArtifactStore open(Workspace workspace) throws UsageException {
    if (store != null && store.isBlank()) {
      throw new UsageException("--store is empty (must name a directory)");
    }
    try {
      return new ArtifactStore(ObjectStorages.open(uri(workspace)));
    } catch (StoreException e) {
      throw new UsageException(e.getMessage(), e);
    }
  }

  /** Opens a store that is there; what only reads makes none. */
  ArtifactStore openExisting(Workspace workspace) throws UsageException {
    String uri = uri(workspace);
    if (!uri.contains(":") && !Files.isDirectory(Path.of(uri))) {
      throw new UsageException("There is no store at " + uri + "; name one with --store");
    }
    return open(workspace);
  }
}
