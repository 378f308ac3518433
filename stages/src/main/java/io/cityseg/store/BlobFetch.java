package io.cityseg.store;

import io.cityseg.files.FileFailures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Fetches a blob into the cache and verifies it. */
final class BlobFetch {
  private final S3Download download;
  private final BlobCache cache;

  BlobFetch(S3Download download, BlobCache cache) {
    this.download = download;
    this.cache = cache;
  }

  /**
   * The blob's file. One that does not match is fetched once more, since bytes can be damaged on
   * the way; if it still does not, it is handed out with the digest that it has, and not kept.
   */
  ObjectStorage.VerifiedFile fetch(String key, String name, Digest expected)
      throws S3Exception, StoreException {
    Path file = cache.newFile();
    try {
      Digest actual = digest(key, name, file);
      if (!actual.equals(expected)) {
        Files.delete(file);
        actual = digest(key, name, file);
      }
      if (actual.equals(expected)) {
        return new ObjectStorage.VerifiedFile(cache.keep(expected, file), actual, true);
      }
      return new ObjectStorage.VerifiedFile(cache.handOut(actual, file), actual, true);
    } catch (IOException e) {
      throw new StoreException(
          "Cannot verify %s after fetching it to %s: %s"
              .formatted(name, file, FileFailures.reason(e)),
          e);
    } finally {
      // what became a blob of the cache has another name by now
      file.toFile().delete();
    }
  }

  private Digest digest(String key, String name, Path file)
      throws S3Exception, StoreException, IOException {
    download.download(key, name, file);
    return Digest.of(file);
  }
}
