package io.cityseg.labels;

import io.cityseg.files.FileTree;
import io.cityseg.files.ParallelWork;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntConsumer;

/** Label sources on disk, a single one or a tree, and the label images to make from them. */
public final class LabelFiles {
  private static final String POLYGONS = "_polygons.json";
  private static final String LABEL_IDS = "_labelIds.png";

  private LabelFiles() {}

  /**
   * What is to be made. Of a tree: an image for every {@code *_polygons.json}, and for every {@code
   * *_labelIds.png} without one beside it, in a tree of the same folders, under the data set's own
   * names. Of a file: one image, at {@code out} itself, or under the data set's name in it where it
   * is a folder.
   *
   * @throws LabelException when there is no source, or the target is of the wrong kind
   */
  public static List<LabelFile> find(Path in, Path out, LabelEncoding encoding)
      throws LabelException {
    if (!Files.exists(in)) {
      throw new LabelException(in + " does not exist; name a label file, or a folder of them");
    }
    if (!Files.isDirectory(in)) {
      return List.of(
          new LabelFile(
              in, Files.isDirectory(out) ? out.resolve(name(in.getFileName(), encoding)) : out));
    }
    if (Files.exists(out) && !Files.isDirectory(out)) {
      throw new LabelException(out + " is a file, " + in + " a folder; name a folder for both");
    }
    List<Path> sources = sources(in, out);
    if (sources.isEmpty()) {
      throw new LabelException(
          "%s has no label files: nothing below it ends in %s or %s"
              .formatted(in, POLYGONS, LABEL_IDS));
    }
    List<LabelFile> files = new ArrayList<>();
    for (Path source : sources) {
      Path folder = out.resolve(in.relativize(source.getParent()).toString());
      files.add(new LabelFile(source, folder.resolve(name(source.getFileName(), encoding))));
    }
    return files;
  }

  /**
   * Makes the images.
   *
   * @param threads files at once
   * @param finished is told the number of files done with so far, by the calling thread
   * @return what is wrong with files, in their order; all others are written
   */
  public static List<String> convert(
      List<LabelFile> files, LabelEncoding encoding, int threads, IntConsumer finished)
      throws InterruptedException {
    return ParallelWork.map(files, threads, file -> problem(file, encoding), finished).stream()
        .flatMap(Optional::stream)
        .toList();
  }

  private static Optional<String> problem(LabelFile file, LabelEncoding encoding) {
    try {
      file.convert(encoding);
      return Optional.empty();
    } catch (LabelException e) {
      return Optional.of(e.getMessage());
    } catch (OutOfMemoryError e) {
      return Optional.of(
          file.source()
              + " needs more memory than there is; convert fewer files at once, or raise -Xmx (CITYSEG_JAVA_OPTS)");
    }
  }

  /** What an earlier call wrote below the tree is no source. */
  private static List<Path> sources(Path in, Path out) throws LabelException {
    List<Path> all;
    try {
      all = FileTree.list(in, name -> name.endsWith(POLYGONS) || name.endsWith(LABEL_IDS));
    } catch (IOException e) {
      throw new LabelException(in + " cannot be listed: " + e + "; check its permissions", e);
    }
    Path source = in.toAbsolutePath().normalize();
    Path target = out.toAbsolutePath().normalize();
    Set<Path> paths = new HashSet<>(all);
    return all.stream()
        .filter(
            file -> target.equals(source) || !file.toAbsolutePath().normalize().startsWith(target))
        .filter(
            file ->
                !file.toString().endsWith(LABEL_IDS)
                    || !paths.contains(file.resolveSibling(stem(file.getFileName()) + POLYGONS)))
        .toList();
  }

  /** "x_gtFine_labelTrainIds.png" of "x_gtFine_polygons.json". */
  private static String name(Path source, LabelEncoding encoding) {
    return stem(source) + "_" + encoding.fileEnding() + ".png";
  }

  private static String stem(Path source) {
    String name = source.toString();
    for (String ending : List.of(POLYGONS, LABEL_IDS)) {
      if (name.endsWith(ending)) {
        return name.substring(0, name.length() - ending.length());
      }
    }
    int dot = name.lastIndexOf('.');
    return dot > 0 ? name.substring(0, dot) : name;
  }
}
