package io.cityseg.submission;

import io.cityseg.files.FileFailures;
import io.cityseg.files.FileTree;
import io.cityseg.files.WholeFile;
import io.cityseg.image.ImageException;
import io.cityseg.image.PixelSize;
import io.cityseg.image.PngFile;
import io.cityseg.image.PngHeader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.IntConsumer;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Finds and checks the images of a split, before anything is predicted. For one use. */
final class SubmissionImages {
  private static final String SUFFIX = "_leftImg8bit.png";
  private static final Pattern PICTURE =
      Pattern.compile(".*\\.(png|jpe?g|tiff?|bmp|webp|ppm)", Pattern.CASE_INSENSITIVE);
  private static final Pattern ID = Pattern.compile("([A-Za-z0-9.-]+)_[0-9]{6}_[0-9]{6}");
  private static final Pattern LABEL =
      Pattern.compile("(.+)_gtFine_(polygons\\.json|labelIds\\.png)");
  private static final String FORMAT = "8-bit RGB";

  private final SplitRequirement required;
  private final SortedMap<String, Path> images = new TreeMap<>();
  private final List<String> problems = new ArrayList<>();

  private SubmissionImages(SplitRequirement required) {
    this.required = required;
  }

  /**
   * The images by id, in ascending order.
   *
   * @param folders data sets in the Cityscapes layout
   * @param checked is told the number of images checked so far
   * @throws SubmissionException with all that is wrong
   */
  static SortedMap<String, Path> find(
      List<Path> folders, SplitRequirement required, IntConsumer checked)
      throws SubmissionException, InterruptedException {
    SubmissionImages found = new SubmissionImages(required);
    for (Path folder : folders) {
      found.collect(folder.resolve("leftImg8bit").resolve(required.split()));
    }
    for (Path folder : folders) {
      found.requireImages(folder.resolve("gtFine").resolve(required.split()));
    }
    found.checkContents(checked);
    found.checkCount(folders);
    if (!found.problems.isEmpty()) {
      throw new SubmissionException(found.problems);
    }
    return found.images;
  }

  private void collect(Path folder) {
    for (Path file : list(folder, name -> PICTURE.matcher(name).matches())) {
      String name = file.getFileName().toString();
      String id = name.endsWith(SUFFIX) ? name.substring(0, name.length() - SUFFIX.length()) : "";
      Matcher parts = ID.matcher(id);
      if (!parts.matches()) {
        problems.add("%s is not named <city>_<6 digits>_<6 digits>%s".formatted(file, SUFFIX));
      } else if (!file.getParent().equals(folder.resolve(parts.group(1)))) {
        problems.add(
            "%s is not in its city's folder, %s".formatted(file, folder.resolve(parts.group(1))));
      } else {
        Path first = images.putIfAbsent(id, file);
        if (first != null) {
          problems.add("%s has the id of %s".formatted(file, first));
        }
      }
    }
  }

  /** The test split's labels are dummies, and still say which images there are. */
  private void requireImages(Path folder) {
    Map<String, Path> missing = new TreeMap<>();
    for (Path label : list(folder, name -> LABEL.matcher(name).matches())) {
      Matcher parts = LABEL.matcher(label.getFileName().toString());
      if (parts.matches() && !images.containsKey(parts.group(1))) {
        missing.putIfAbsent(parts.group(1), label);
      }
    }
    missing.forEach(
        (id, label) -> problems.add("%s has no image %s%s".formatted(label, id, SUFFIX)));
  }

  private List<Path> list(Path folder, Predicate<String> wanted) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try {
      return FileTree.list(folder, wanted);
    } catch (IOException e) {
      problems.add(
          "%s cannot be listed: %s; check its permissions"
              .formatted(folder, FileFailures.reason(e)));
      return List.of();
    }
  }

  private void checkContents(IntConsumer checked) throws InterruptedException {
    Optional<PixelSize> size = required.size();
    String why = size.isPresent() ? "that is the split's size" : "";
    int count = 0;
    for (Path file : images.values()) {
      if (Thread.interrupted()) {
        throw new InterruptedException("interrupted before " + file);
      }
      try {
        PngHeader header = PngFile.check(WholeFile.read(file), file.toString());
        PixelSize own = new PixelSize(header.height(), header.width());
        if (!header.format().equals(FORMAT)) {
          problems.add("%s holds %s pixels; %s is needed".formatted(file, header.format(), FORMAT));
        }
        if (size.isEmpty()) {
          size = Optional.of(own);
          why = "as " + file.getFileName() + " is";
        } else if (!own.equals(size.get())) {
          problems.add(
              "%s is %s pixels (height x width); it must be %s, %s"
                  .formatted(file, own, size.get(), why));
        }
      } catch (ImageException | IOException e) {
        problems.add(e.getMessage());
      }
      checked.accept(++count);
    }
  }

  private void checkCount(List<Path> folders) {
    int wanted = required.images().orElse(1);
    boolean right =
        required.images().isPresent() ? images.size() == wanted : images.size() >= wanted;
    if (!right) {
      problems.add(
          "the split '%s' has %d images below leftImg8bit/%s of %s (must be %s%d)"
              .formatted(
                  required.split(),
                  images.size(),
                  required.split(),
                  folders.stream().map(Path::toString).collect(Collectors.joining(", ")),
                  required.images().isPresent() ? "" : "at least ",
                  wanted));
    }
  }
}
