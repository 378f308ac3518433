package io.cityseg.ingest;

import static java.util.Objects.requireNonNull;

import io.cityseg.proto.SourceFile;
import io.cityseg.proto.SourceListing;
import io.cityseg.stage.ProgressSink;
import io.cityseg.store.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ExecutionException;

/**
 * Lists the files of a data set with their digests: ingest's input.
 *
 * <p>Listed are images, polygons, labelIds and instanceIds of the splits train and val, and
 * pictures among the images that have another name. The test split is counted only: its labels are
 * dummies. Other files are left out, and counted unless their name begins with '.'.
 */
public final class SourceScan {
  private static final Comparator<SourceFile> ORDER =
      Comparator.comparing(SourceFile::getPath).thenComparing(SourceFile::getSha256);

  private SourceScan() {}

  /**
   * What was found.
   *
   * @param listing the files in ascending order of path; a path that two folders have is there
   *     twice
   * @param testImages number of images of the test split, which are left out
   * @param ignored paths of files among images and labels that are not of the data set, ascending
   * @param hashed number of files that had to be read; the others were in the cache
   */
  public record Found(SourceListing listing, int testImages, List<String> ignored, int hashed) {
    public Found {
      requireNonNull(listing, "listing");
      ignored = List.copyOf(ignored);
    }
  }

  private record Hashed(SourceFile file, boolean read) {}

  /**
   * Lists the files of one or more folders, each of which has {@code leftImg8bit/} or {@code
   * gtFine/} or both; a folder given twice counts once. The result depends on names and contents
   * alone. Reads files with as many threads as there are processors.
   *
   * @param cache what is known of the files' digests; saved when the scan is done
   * @param progress is told the number of files done
   * @throws DataFolderException when a folder is missing, is no data set, or cannot be read
   */
  public static Found scan(List<Path> folders, DigestCache cache, ProgressSink progress)
      throws DataFolderException, InterruptedException {
    List<SourceTree> trees = SourceTree.open(folders);
    int testImages = 0;
    List<String> ignored = new ArrayList<>();
    Queue<SourceTree.Entry> entries = new ArrayDeque<>();
    for (SourceTree tree : trees) {
      List<SourceTree.Entry> own = new ArrayList<>();
      tree.walk(own, ignored);
      entries.addAll(own);
      testImages += tree.testImages();
      cache.keepOnly(tree.folder(), own.stream().map(SourceTree.Entry::file).toList());
    }
    List<Hashed> hashed = hash(entries, cache, progress);
    cache.save();
    SourceListing listing =
        SourceListing.newBuilder()
            .addAllFiles(hashed.stream().map(Hashed::file).sorted(ORDER).toList())
            .build();
    return new Found(
        listing,
        testImages,
        ignored.stream().sorted().toList(),
        (int) hashed.stream().filter(Hashed::read).count());
  }

  private static List<Hashed> hash(
      Queue<SourceTree.Entry> entries, DigestCache cache, ProgressSink progress)
      throws DataFolderException, InterruptedException {
    try {
      return FilesAtOnce.read(
          entries,
          Runtime.getRuntime().availableProcessors(),
          entry -> hash(entry, cache),
          progress);
    } catch (ExecutionException e) {
      throw new DataFolderException(
          "Cannot read a file of the data set: %s; check that it is there and readable"
              .formatted(e.getCause()),
          e.getCause());
    }
  }

  private static Hashed hash(SourceTree.Entry entry, DigestCache cache) throws IOException {
    Optional<Digest> known = cache.lookup(entry.file(), entry.attributes());
    Digest digest;
    long size = entry.attributes().size();
    if (known.isPresent()) {
      digest = known.get();
    } else {
      Instant readAt = Instant.now();
      digest = Digest.of(entry.file());
      BasicFileAttributes after = Files.readAttributes(entry.file(), BasicFileAttributes.class);
      cache.remember(entry.file(), digest, entry.attributes(), after, readAt);
      size = after.size();
    }
    SourceFile file =
        SourceFile.newBuilder().setPath(entry.path()).setSha256(digest.hex()).setSize(size).build();
    return new Hashed(file, known.isEmpty());
  }
}
