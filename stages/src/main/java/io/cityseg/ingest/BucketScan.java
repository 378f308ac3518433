package io.cityseg.ingest;

import io.cityseg.proto.SourceFile;
import io.cityseg.proto.SourceListing;
import io.cityseg.stage.ProgressSink;
import io.cityseg.store.Digest;
import io.cityseg.store.S3Address;
import io.cityseg.store.S3Objects;
import io.cityseg.store.S3Objects.ObjectVersion;
import io.cityseg.store.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;

/**
 * Lists the files of a data set in a bucket with their digests, as {@link SourceScan} does for
 * folders. Objects are read as streams; none is kept on this machine.
 */
public final class BucketScan {
  /** Requests wait for the network, so there are more than processors. */
  private static final int PARALLEL = 16;

  private static final List<String> PARTS = List.of("gtFine", "leftImg8bit");

  private BucketScan() {}

  private record Found(ObjectVersion object, Digest digest, boolean read) {}

  /**
   * Lists the files below {@code s3://bucket/prefix}, which has {@code leftImg8bit/} or {@code
   * gtFine/} or both. The rules are those of folders.
   *
   * @param cache what is known of the objects' digests; saved when the scan is done
   * @param progress is told the number of files done
   * @throws DataFolderException when there is no such data set or it cannot be read
   */
  public static SourceScan.Found scan(String address, DigestCache cache, ProgressSink progress)
      throws DataFolderException, InterruptedException {
    String uri;
    S3Objects objects;
    List<ObjectVersion> listed = new ArrayList<>();
    int testImages = 0;
    List<String> ignored = new ArrayList<>();
    try {
      uri = S3Address.parse(address).withDefaults(System::getenv).uri();
      objects = S3Objects.openForReading(S3Address.parse(uri));
      for (String part : PARTS) {
        for (ObjectVersion object : objects.versions(part)) {
          String name = object.name();
          if (SourcePath.isListed(name) && isLabelled(name)) {
            listed.add(object);
          } else if (SourcePath.isForeign(name) && isLabelled(name)) {
            ignored.add(name);
          } else if (SourcePath.isListed(name) && isTestImage(name)) {
            testImages++;
          }
        }
      }
    } catch (StoreException e) {
      throw new DataFolderException("Cannot list the data set: " + e.getMessage(), e);
    }
    if (listed.isEmpty()) {
      throw new DataFolderException(
          "%s is no data set: there is no image or label of train or val below leftImg8bit/ and gtFine/; correct the prefix"
              .formatted(objects.location()));
    }
    // the order of every listing, whatever it was made from
    listed.sort(Comparator.comparing(ObjectVersion::name));
    List<Found> found = digests(uri, objects, listed, cache, progress);
    cache.save();
    SourceListing.Builder listing = SourceListing.newBuilder();
    for (Found one : found) {
      listing.addFiles(
          SourceFile.newBuilder()
              .setPath(one.object().name())
              .setSha256(one.digest().hex())
              .setSize(one.object().size()));
    }
    return new SourceScan.Found(
        listing.build(),
        testImages,
        ignored.stream().sorted().toList(),
        (int) found.stream().filter(Found::read).count());
  }

  private static boolean isTestImage(String name) {
    return name.startsWith("leftImg8bit/test/") && name.endsWith(SourceKind.IMAGE.suffix());
  }

  private static boolean isLabelled(String name) {
    int slash = name.indexOf('/');
    String rest = name.substring(slash + 1);
    return rest.startsWith("train/") || rest.startsWith("val/");
  }

  private static List<Found> digests(
      String uri,
      S3Objects objects,
      List<ObjectVersion> listed,
      DigestCache cache,
      ProgressSink progress)
      throws DataFolderException, InterruptedException {
    try {
      return FilesAtOnce.read(
          new ArrayDeque<>(listed),
          PARALLEL,
          object -> digest(uri, objects, object, cache),
          progress);
    } catch (ExecutionException e) {
      throw new DataFolderException(
          "Cannot read an object of the data set: " + e.getCause().getMessage(), e.getCause());
    }
  }

  private static Found digest(
      String uri, S3Objects objects, ObjectVersion object, DigestCache cache)
      throws StoreException, IOException {
    String address = uri + "#" + object.name();
    Optional<Digest> known = cache.lookup(address, object);
    if (known.isPresent()) {
      return new Found(object, known.get(), false);
    }
    Optional<InputStream> content = objects.open(object.name());
    if (content.isEmpty()) {
      throw new StoreException(
          "%s was deleted from %s while it was read; run again"
              .formatted(object.name(), objects.location()));
    }
    try (InputStream in = content.get()) {
      Digest digest = Digest.of(in);
      cache.remember(address, object, digest);
      return new Found(object, digest, true);
    }
  }
}
