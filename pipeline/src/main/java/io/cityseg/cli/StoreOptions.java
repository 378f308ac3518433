package io.cityseg.cli;

import io.cityseg.run.Workspace;
import io.cityseg.store.ArtifactStore;
import io.cityseg.store.ObjectStorage;
import io.cityseg.store.ObjectStorages;
import io.cityseg.store.S3Address;
import io.cityseg.store.ScratchObjects;
import io.cityseg.store.StoreException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Where results are kept. */
final class StoreOptions {
  @Option(
      names = "--store",
      paramLabel = "STORE",
      description =
          "Where results are kept and found again: a directory, or s3://bucket/prefix (default: .cityseg/store beside the launcher).")
  private String store;

  @Mixin private S3Options s3;

  /** The store's address, the same from every working directory and process; without secrets. */
  String uri(Workspace workspace) throws UsageException {
    if (store != null && store.isBlank()) {
      throw new UsageException("--store is empty (must name a directory or s3://bucket)");
    }
    if (store != null && S3Address.isOne(store)) {
      return s3.complete(store).uri();
    }
    s3.requireNone();
    if (store == null) {
      return workspace.store().toString();
    }
    return store.contains(":") ? store : Path.of(store).toAbsolutePath().normalize().toString();
  }

  /** Opens the store, which is made when there is none. */
  ArtifactStore open(Workspace workspace) throws UsageException {
    return new ArtifactStore(opened(() -> ObjectStorages.open(uri(workspace))));
  }

  /** Opens a store that is there, to read from it alone. */
  ArtifactStore openExisting(Workspace workspace) throws UsageException {
    return new ArtifactStore(reading(workspace));
  }

  /**
   * Opens a store to look what would be done: nothing is written to it. One that is not there is
   * empty.
   */
  ArtifactStore openForPlanning(Workspace workspace) throws UsageException {
    if (isMissing(uri(workspace))) {
      return open(workspace);
    }
    return new ArtifactStore(new ScratchObjects(reading(workspace)));
  }

  private ObjectStorage reading(Workspace workspace) throws UsageException {
    String uri = uri(workspace);
    if (isMissing(uri)) {
      throw new UsageException("There is no store at " + uri + "; name one with --store");
    }
    return opened(() -> ObjectStorages.openForReading(uri));
  }

  private static boolean isMissing(String uri) {
    return !uri.contains(":") && !Files.exists(Path.of(uri));
  }

  private interface Opening {
    ObjectStorage open() throws StoreException, UsageException;
  }

  private static ObjectStorage opened(Opening opening) throws UsageException {
    try {
      return opening.open();
    } catch (StoreException e) {
      throw new UsageException(e.getMessage(), e);
    }
  }
}
