package io.cityseg.scan;

import io.cityseg.store.S3Objects.ObjectVersion;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.concurrent.TimeUnit;

/**
 * What tells one version of a file from another without reading it.
 *
 * @param size in bytes
 * @param modified when it was written last, in nanoseconds since 1970
 * @param identity device and inode of a file, "-" where the system has none; of an object its ETag,
 *     which servers change with the content, whatever they make it from; without white space
 */
record FileVersion(long size, long modified, String identity) {
  FileVersion {
    identity = identity.replaceAll("\\s", "_");
  }

  static FileVersion of(BasicFileAttributes attributes) {
    return new FileVersion(
        attributes.size(),
        attributes.lastModifiedTime().to(TimeUnit.NANOSECONDS),
        attributes.fileKey() == null ? "-" : attributes.fileKey().toString());
  }

  static FileVersion of(ObjectVersion object) {
    return new FileVersion(object.size(), nanoseconds(object.modifiedAt()), object.etag());
  }

  boolean isLaterThan(Instant time) {
    return modified > nanoseconds(time);
  }

  private static long nanoseconds(Instant time) {
    return TimeUnit.SECONDS.toNanos(time.getEpochSecond()) + time.getNano();
  }
}
