package io.cityseg.scan;

import io.cityseg.files.FileFailures;
import io.cityseg.store.Digest;
import java.io.IOException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * One folder of a data set. Symbolic links are followed, since large data sets are often put
 * together from links; a link to a folder above itself is left out, and nothing is deeper than
 * {@value #MAX_DEPTH} levels.
 */
final class SourceTree implements SourcePlace {
  private static final List<String> PARTS = List.of("leftImg8bit", "gtFine");
  private static final List<String> SPLITS = List.of("train", "val");
  private static final List<String> LISTED =
      List.of(
          "gtFine/train", "gtFine/val", "leftImg8bit/test", "leftImg8bit/train", "leftImg8bit/val");
  private static final int MAX_DEPTH = 8;
  private static final Duration RACY = Duration.ofSeconds(2);

  private final Path folder;

  private SourceTree(Path folder) {
    this.folder = folder;
  }

  /** Opens the folders of a data set, and checks that they are one; all that are not are named. */
  static List<SourceTree> open(List<Path> folders) throws DataFolderException {
    if (folders.isEmpty()) {
      throw new DataFolderException("No data folder is given; name one that has leftImg8bit/");
    }
    List<String> problems =
        folders.stream().flatMap(given -> layoutProblem(given).stream()).toList();
    if (!problems.isEmpty()) {
      throw new DataFolderException(String.join("\n", problems));
    }
    List<SourceTree> trees = new ArrayList<>();
    Set<Path> seen = new HashSet<>();
    for (Path given : folders) {
      Path folder = given.toAbsolutePath().normalize();
      try {
        if (seen.add(folder.toRealPath())) {
          trees.add(new SourceTree(folder));
        }
      } catch (IOException e) {
        throw unlisted(folder, e);
      }
    }
    return trees;
  }

  /** Refuses folders that have labels only, when there is nowhere else to find images. */
  static void requireImages(List<SourceTree> trees) throws DataFolderException {
    if (trees.stream().noneMatch(tree -> Files.isDirectory(tree.folder.resolve("leftImg8bit")))) {
      throw new DataFolderException(
          trees.get(0).folder
              + " has labels (gtFine/) and no images (leftImg8bit/); unpack"
              + " leftImg8bit_trainvaltest.zip there, or name its folder as well");
    }
  }

  private static Optional<String> layoutProblem(Path given) {
    Path folder = given.toAbsolutePath().normalize();
    if (!Files.exists(folder)) {
      return Optional.of(
          "Data folder %s does not exist; name the folder that has leftImg8bit/ and gtFine/"
              .formatted(given));
    }
    if (!Files.isDirectory(folder)) {
      return Optional.of(
          "Data folder %s is a file; unpack archives first, then name the folder that they made"
              .formatted(given));
    }
    if (PARTS.stream().anyMatch(part -> Files.isDirectory(folder.resolve(part)))) {
      return Optional.empty();
    }
    return Optional.of(
        "Data folder %s is no data set: it has neither leftImg8bit/ nor gtFine/; %s"
            .formatted(given, hint(folder)));
  }

  private static String hint(Path folder) {
    Path parent = folder.getParent();
    if (parent != null
        && folder.getFileName() != null
        && PARTS.contains(folder.getFileName().toString())) {
      return "name the folder above it, " + parent;
    }
    if (SPLITS.stream().anyMatch(split -> Files.isDirectory(folder.resolve(split)))) {
      return "it has %s/ itself, so move that into leftImg8bit/ or gtFine/, with one folder a city"
          .formatted(
              SPLITS.stream()
                  .filter(split -> Files.isDirectory(folder.resolve(split)))
                  .findFirst()
                  .orElseThrow());
    }
    return "expected leftImg8bit/<split>/<city>/<city>_<seq>_<frame>_leftImg8bit.png and the like";
  }

  @Override
  public String name() {
    return folder.toString();
  }

  @Override
  public int readers() {
    return Runtime.getRuntime().availableProcessors();
  }

  @Override
  public void list(Listener listener) throws DataFolderException {
    for (String below : LISTED) {
      Path start = folder.resolve(below);
      if (Files.isDirectory(start)) {
        walk(start, listener);
      }
    }
  }

  private void walk(Path start, Listener listener) throws DataFolderException {
    try {
      Files.walkFileTree(
          start, EnumSet.of(FileVisitOption.FOLLOW_LINKS), MAX_DEPTH, new Visitor(listener));
    } catch (IOException e) {
      throw unlisted(start, e);
    }
  }

  private static DataFolderException unlisted(Path folder, IOException e) {
    return new DataFolderException(
        "Data folder %s cannot be listed: %s; check its permissions"
            .formatted(folder, FileFailures.reason(e)),
        e);
  }

  /**
   * Reads a file. One rule comes from git ("racy git", {@code
   * Documentation/technical/racy-git.txt}): a file that was modified less than two seconds before
   * it was read is not settled, because it can be written once more without its time changing, on
   * file systems with coarse times.
   */
  @Override
  public Content read(FoundFile found) throws DataFolderException {
    Path file = folder.resolve(found.path());
    try {
      Instant begun = Instant.now();
      Digest digest = Digest.of(file);
      FileVersion after = FileVersion.of(Files.readAttributes(file, BasicFileAttributes.class));
      boolean racy = found.version().isLaterThan(begun.minus(RACY));
      return new Content(digest, after.size(), !racy && after.equals(found.version()));
    } catch (IOException e) {
      throw new DataFolderException(
          "Cannot read %s of the data set: %s; check that it is there and readable"
              .formatted(file, FileFailures.reason(e)),
          e);
    }
  }

  private final class Visitor extends SimpleFileVisitor<Path> {
    private final Listener listener;

    Visitor(Listener listener) {
      this.listener = listener;
    }

    @Override
    public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
      return directory.getFileName().toString().startsWith(".")
          ? FileVisitResult.SKIP_SUBTREE
          : FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
      if (attributes.isRegularFile()) {
        String separator = folder.getFileSystem().getSeparator();
        String path = folder.relativize(file).toString().replace(separator, "/");
        listener.found(path, FileVersion.of(attributes));
      }
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
      if (failure instanceof FileSystemLoopException) {
        return FileVisitResult.CONTINUE;
      }
      throw failure;
    }
  }
}
