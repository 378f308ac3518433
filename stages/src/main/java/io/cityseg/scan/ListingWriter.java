package io.cityseg.scan;

import io.cityseg.proto.ArtifactRef;
import io.cityseg.proto.SourceFile;
import io.cityseg.proto.SourceListing;
import io.cityseg.store.ArtifactStore;
import io.cityseg.store.ManifestWriter;
import io.cityseg.store.StoreException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Writes a {@link SourceListing} file by file. */
final class ListingWriter implements AutoCloseable {
  private final ManifestWriter<SourceListing> listing;
  private final List<SourceFile> samePath = new ArrayList<>();

  ListingWriter(ArtifactStore store) {
    this.listing = store.write(SourceListing.getDefaultInstance());
  }

  /**
   * Adds a file, in ascending order of path; those of one path come into ascending order of digest,
   * whichever place they are from.
   */
  void add(SourceFile file) throws StoreException {
    if (!samePath.isEmpty() && !samePath.get(0).getPath().equals(file.getPath())) {
      writeSamePath();
    }
    samePath.add(file);
  }

  private void writeSamePath() throws StoreException {
    samePath.sort(Comparator.comparing(SourceFile::getSha256));
    listing.add(SourceListing.newBuilder().addAllFiles(samePath).build());
    samePath.clear();
  }

  /** Stores the listing. */
  ArtifactRef put() throws StoreException {
    writeSamePath();
    return listing.put();
  }

  @Override
  public void close() throws StoreException {
    listing.close();
  }
}
