package io.cityseg.ingest;

import io.cityseg.files.FileFailures;
import java.io.IOException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
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
final class SourceTree {
  private static final List<String> PARTS = List.of("leftImg8bit", "gtFine");
  private static final List<String> SPLITS = List.of("train", "val");
  private static final int MAX_DEPTH = 8;

  private final Path folder;

  private SourceTree(Path folder) {
    this.folder = folder;
  }

  /**
   * A file of the layout.
   *
   * @param file where it is
   * @param path the same, relative to the data set's folder, with '/' between names
   * @param attributes the file's (a link's target's)
   */
  record Entry(Path file, String path, BasicFileAttributes attributes) {}

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
    boolean images = false;
    for (Path given : folders) {
      Path folder = given.toAbsolutePath().normalize();
      images |= Files.isDirectory(folder.resolve("leftImg8bit"));
      try {
        if (seen.add(folder.toRealPath())) {
          trees.add(new SourceTree(folder));
        }
      } catch (IOException e) {
        throw unreadable(folder, e);
      }
    }
    if (!images) {
      throw new DataFolderException(
          folders.get(0)
              + " has labels (gtFine/) and no images (leftImg8bit/); unpack"
              + " leftImg8bit_trainvaltest.zip there, or name its folder as well");
    }
    return trees;
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

  /** Where it is, absolute. */
  Path folder() {
    return folder;
  }

  /**
   * Adds the files of train and val to {@code entries} and the paths of those that are not of the
   * data set to {@code ignored}, in no particular order.
   */
  void walk(List<Entry> entries, List<String> ignored) throws DataFolderException {
    for (String part : PARTS) {
      for (String split : SPLITS) {
        Path start = folder.resolve(part).resolve(split);
        if (Files.isDirectory(start)) {
          walk(start, entries, ignored);
        }
      }
    }
  }

  /** The number of images of the test split. */
  int testImages() throws DataFolderException {
    Path start = folder.resolve("leftImg8bit").resolve("test");
    List<Entry> entries = new ArrayList<>();
    if (Files.isDirectory(start)) {
      walk(start, entries, new ArrayList<>());
    }
    return (int) entries.stream().filter(e -> e.path().endsWith(SourceKind.IMAGE.suffix())).count();
  }

  private void walk(Path start, List<Entry> entries, List<String> ignored)
      throws DataFolderException {
    try {
      Files.walkFileTree(
          start,
          EnumSet.of(FileVisitOption.FOLLOW_LINKS),
          MAX_DEPTH,
          new Collector(entries, ignored));
    } catch (IOException e) {
      throw unreadable(start, e);
    }
  }

  private static DataFolderException unreadable(Path folder, IOException e) {
    return new DataFolderException(
        "Data folder %s cannot be listed: %s; check its permissions"
            .formatted(folder, FileFailures.reason(e)),
        e);
  }

  private final class Collector extends SimpleFileVisitor<Path> {
    private final List<Entry> entries;
    private final List<String> ignored;

    Collector(List<Entry> entries, List<String> ignored) {
      this.entries = entries;
      this.ignored = ignored;
    }

    @Override
    public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
      return directory.getFileName().toString().startsWith(".")
          ? FileVisitResult.SKIP_SUBTREE
          : FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
      String separator = folder.getFileSystem().getSeparator();
      String path = folder.relativize(file).toString().replace(separator, "/");
      if (!attributes.isRegularFile()) {
        return FileVisitResult.CONTINUE;
      }
      if (SourcePath.isListed(path)) {
        entries.add(new Entry(file, path, attributes));
      } else if (SourcePath.isForeign(path)) {
        ignored.add(path);
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
