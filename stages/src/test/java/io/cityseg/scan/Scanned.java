package io.cityseg.scan;

import io.cityseg.proto.SourceFile;
import io.cityseg.proto.SourceListing;
import io.cityseg.stage.ProgressSink;
import io.cityseg.store.ArtifactStore;
import io.cityseg.store.MemoryObjects;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** A scan, and the listing that it put into a store of its own. */
record Scanned(SourceScan.Found found, SourceListing listing) {
  /**
   * Scans.
   *
   * @param scratch the caches of digests are in its folder {@code digests}
   */
  static Scanned of(Path scratch, Path... folders) throws Exception {
    return of(scratch, Stream.of(folders).map(Path::toString).toList());
  }

  static Scanned of(Path scratch, List<String> locations) throws Exception {
    ArtifactStore store = new ArtifactStore(new MemoryObjects(scratch));
    SourceScan.Found found =
        SourceScan.scan(locations, scratch.resolve("digests"), store, ProgressSink.NONE);
    return new Scanned(found, store.readManifest(found.listing(), SourceListing.parser()));
  }

  List<String> paths() {
    return listing.getFilesList().stream().map(SourceFile::getPath).toList();
  }
}
