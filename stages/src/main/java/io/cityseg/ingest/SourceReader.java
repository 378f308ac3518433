package io.cityseg.ingest;

import io.cityseg.files.FileFailures;
import io.cityseg.proto.SourceFile;
import io.cityseg.stage.StageException;
import io.cityseg.store.Digest;
import io.cityseg.store.ObjectStorage;
import io.cityseg.store.ObjectStorages;
import io.cityseg.store.S3Address;
import io.cityseg.store.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Reads files of a listing where the stage works. */
final class SourceReader {
  /** Above this a file is no picture and no annotation. */
  private static final long MAX_BYTES = 1L << 30;

  private final List<String> locations;

  /**
   * A reader.
   *
   * @param locations the data set's folders, as this machine sees them
   */
  SourceReader(List<String> locations) {
    this.locations = List.copyOf(locations);
  }

  /**
   * The content of a file, from the first folder that has its path. It is the content that was
   * listed: what has changed since is an error, because the action's key is made from the listing.
   */
  byte[] read(SourceFile file) throws StageException {
    Optional<byte[]> object = readFromBucket(file);
    if (object.isPresent()) {
      return object.get();
    }
    Path found = find(file);
    try {
      if (Files.size(found) > MAX_BYTES) {
        throw new StageException(
            "Cannot ingest %s: it has %d bytes, more than %d"
                .formatted(found, Files.size(found), MAX_BYTES));
      }
      byte[] content = Files.readAllBytes(found);
      String actual = Digest.of(content).hex();
      if (!actual.equals(file.getSha256())) {
        throw new StageException(
            "%s changed while it was being ingested: its SHA-256 was %s and is %s; run again"
                .formatted(found, file.getSha256(), actual));
      }
      return content;
    } catch (IOException e) {
      throw new StageException(
          "Cannot read %s: %s; check that it is there and readable"
              .formatted(found, FileFailures.reason(e)),
          e);
    }
  }

  /** From the first bucket among the locations that has the path. */
  private Optional<byte[]> readFromBucket(SourceFile file) throws StageException {
    for (String location : locations) {
      if (!S3Address.isOne(location)) {
        continue;
      }
      try {
        ObjectStorage bucket = ObjectStorages.openForReading(location);
        Optional<byte[]> content = bucket.read(file.getPath(), MAX_BYTES);
        if (content.isPresent()) {
          String actual = Digest.of(content.get()).hex();
          if (!actual.equals(file.getSha256())) {
            throw new StageException(
                "%s in %s changed while it was being ingested: its SHA-256 was %s and is %s; run again"
                    .formatted(file.getPath(), bucket.location(), file.getSha256(), actual));
          }
          return content;
        }
      } catch (StoreException e) {
        throw new StageException("Cannot ingest from a bucket: " + e.getMessage(), e);
      }
    }
    return Optional.empty();
  }

  private Path find(SourceFile file) throws StageException {
    for (String location : locations) {
      if (S3Address.isOne(location)) {
        continue;
      }
      Path candidate = Path.of(location).resolve(file.getPath());
      if (Files.isRegularFile(candidate)) {
        return candidate;
      }
    }
    throw new StageException(
        "Cannot ingest %s: this machine has it in none of the folders %s; every worker needs them"
            .formatted(file.getPath(), locations));
  }
}
