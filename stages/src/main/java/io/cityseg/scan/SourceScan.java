package io.cityseg.scan;

import static java.util.Objects.requireNonNull;

import io.cityseg.files.FileFailures;
import io.cityseg.files.ParallelWork;
import io.cityseg.proto.ArtifactRef;
import io.cityseg.proto.Progress;
import io.cityseg.proto.SourceFile;
import io.cityseg.proto.SourceListing;
import io.cityseg.stage.ProgressSink;
import io.cityseg.store.ArtifactStore;
import io.cityseg.store.Digest;
import io.cityseg.store.S3Address;
import io.cityseg.store.StoreException;
import io.cityseg.store.TemporaryFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;

/**
 * Lists the files of a data set with their digests: ingest's input.
 *
 * <p>Listed are images, polygons, labelIds and instanceIds of the splits train and val, and
 * pictures among the images that have another name. The test split is counted only: its labels are
 * dummies. Other files are left out, and counted unless their name begins with '.'.
 *
 * <p>The memory that it takes does not grow with the number of files: they are sorted on disk
 * ({@link FileSort}), looked up in the cache of digests and read in that order, and written to the
 * listing one by one.
 */
public final class SourceScan {
  private final List<SourcePlace> places;
  private final ProgressSink progress;
  private long testImages;
  private long ignored;
  private Optional<String> firstIgnored = Optional.empty();
  private long hashed;

  private SourceScan(List<SourcePlace> places, ProgressSink progress) {
    this.places = places;
    this.progress = requireNonNull(progress, "progress");
  }

  /**
   * What was found.
   *
   * @param listing a {@link SourceListing} in the store: the files in ascending order of path; a
   *     path that two places have is there twice, in ascending order of digest
   * @param testImages number of images of the test split, which are left out
   * @param ignored number of files among images and labels that are not of the data set
   * @param firstIgnored the least of their paths
   * @param hashed number of files that had to be read; the others were in the cache
   */
  public record Found(
      ArtifactRef listing,
      long testImages,
      long ignored,
      Optional<String> firstIgnored,
      long hashed) {
    public Found {
      requireNonNull(listing, "listing");
      requireNonNull(firstIgnored, "firstIgnored");
    }
  }

  /** A file, and its digest when the cache has it. */
  private record Asked(FoundFile file, Optional<Digest> known) {}

  private record Answered(Asked asked, SourcePlace.Content content) {}

  /**
   * Lists the files of one or more folders and {@code s3://} prefixes, each of which has {@code
   * leftImg8bit/} or {@code gtFine/} or both; one given twice counts once. The listing depends on
   * names and contents alone. Several files are read at once.
   *
   * @param digests the folder of the caches of digests, made when it is missing
   * @param store where the listing goes
   * @param progress is told the number of files done
   * @throws DataFolderException when a place is missing, is no data set, or cannot be read
   */
  public static Found scan(
      List<String> locations, Path digests, ArtifactStore store, ProgressSink progress)
      throws DataFolderException, StoreException, InterruptedException {
    SourceScan scan = new SourceScan(places(locations), progress);
    try (TemporaryFile spill = store.temporaryFile();
        FileSort files = new FileSort(spill.path());
        ListingWriter listing = new ListingWriter(store)) {
      scan.list(files);
      scan.read(files, digests, listing);
      return new Found(
          listing.put(), scan.testImages, scan.ignored, scan.firstIgnored, scan.hashed);
    } catch (UncheckedIOException e) {
      throw unsorted(e.getCause());
    } catch (IOException e) {
      throw unsorted(e);
    }
  }

  private static StoreException unsorted(IOException e) {
    return new StoreException(
        "Cannot sort the names of the data set's files: %s; make room where temporary files are"
            .formatted(FileFailures.reason(e)),
        e);
  }

  private static List<SourcePlace> places(List<String> locations) throws DataFolderException {
    List<String> buckets = locations.stream().filter(S3Address::isOne).distinct().toList();
    List<Path> folders =
        locations.stream().filter(where -> !S3Address.isOne(where)).map(Path::of).toList();
    List<SourcePlace> places = new ArrayList<>();
    if (buckets.isEmpty() || !folders.isEmpty()) {
      List<SourceTree> trees = SourceTree.open(folders);
      if (buckets.isEmpty()) {
        SourceTree.requireImages(trees);
      }
      places.addAll(trees);
    }
    for (String bucket : buckets) {
      places.add(SourceBucket.open(bucket));
    }
    return places;
  }

  private void list(FileSort files) throws DataFolderException {
    for (int i = 0; i < places.size(); i++) {
      int place = i;
      places.get(i).list((path, version) -> found(files, new FoundFile(path, place, version)));
    }
  }

  private void found(FileSort files, FoundFile file) {
    String path = file.path();
    if (SourcePath.isTestImage(path)) {
      testImages++;
    } else if (SourcePath.isOfLabelledSplit(path) && SourcePath.isListed(path)) {
      files.add(file);
    } else if (SourcePath.isOfLabelledSplit(path) && SourcePath.isForeign(path)) {
      ignored++;
      firstIgnored =
          firstIgnored.filter(first -> first.compareTo(path) <= 0).or(() -> Optional.of(path));
    }
  }

  private void read(FileSort files, Path digests, ListingWriter listing)
      throws DataFolderException, StoreException, InterruptedException {
    List<DigestCache> caches = new ArrayList<>();
    try {
      places.forEach(place -> caches.add(DigestCache.open(digests, place.name())));
      ParallelWork.forEach(
          () -> files.next().map(file -> new Asked(file, caches.get(file.place()).lookup(file))),
          places.stream().mapToInt(SourcePlace::readers).max().orElseThrow(),
          this::answer,
          new Answers(files.count(), caches, listing));
      caches.forEach(DigestCache::save);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof DataFolderException unreadable) {
        throw new DataFolderException(unreadable.getMessage(), unreadable);
      }
      throw new IllegalStateException("Cannot read the data set", e.getCause());
    } finally {
      caches.forEach(DigestCache::close);
    }
  }

  private Answered answer(Asked asked) throws DataFolderException {
    FoundFile file = asked.file();
    return new Answered(
        asked,
        asked.known().isPresent()
            ? new SourcePlace.Content(asked.known().get(), file.version().size(), true)
            : places.get(file.place()).read(file));
  }

  /** Takes what was read, in the order of the files. */
  private final class Answers implements ParallelWork.Taker<Answered, StoreException> {
    private final long total;
    private final List<DigestCache> caches;
    private final ListingWriter listing;
    private long done;

    Answers(long total, List<DigestCache> caches, ListingWriter listing) {
      this.total = total;
      this.caches = caches;
      this.listing = listing;
    }

    @Override
    public void take(Answered answered) throws StoreException {
      FoundFile file = answered.asked().file();
      SourcePlace.Content content = answered.content();
      hashed += answered.asked().known().isPresent() ? 0 : 1;
      if (content.settled()) {
        caches.get(file.place()).remember(file, content.digest());
      }
      listing.add(
          SourceFile.newBuilder()
              .setPath(file.path())
              .setSha256(content.digest().hex())
              .setSize(content.size())
              .build());
      progress.tell(
          Progress.newBuilder()
              .setStage("ingest")
              .setSubject("scan")
              .setDone(++done)
              .setTotal(total)
              .setUnit("files")
              .build());
    }
  }
}
