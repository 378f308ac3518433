package io.cityseg.scan;

import io.cityseg.labels.LabelEncoding;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the path of a file says: {@code leftImg8bit/<split>/<city>/<city>_<seq6>_<frame6>_...}.
 *
 * @param kind what the file is
 * @param split "train" or "val"
 * @param city the folder's name, which is also the name's first part
 * @param id {@code <city>_<sequence>_<frame>}
 */
public record SourcePath(SourceKind kind, String split, String city, String id) {
  private static final Pattern FOLDERS = Pattern.compile("([^/]+)/(train|val)/([^/]+)/([^/]+)");
  private static final Pattern LABELLED =
      Pattern.compile("(gtFine|leftImg8bit)/(train|val)/.*", Pattern.DOTALL);
  private static final Pattern ID = Pattern.compile("([A-Za-z0-9.-]+)_[0-9]{6}_[0-9]{6}");

  /** Files that somebody put there to be trained on, whatever they are called. */
  private static final Pattern PICTURE =
      Pattern.compile(
          "leftImg8bit/.*\\.(png|jpe?g|tiff?|bmp|webp|ppm)",
          Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

  /** A path that was read, or what is wrong with it; one of the two is there. */
  public record Reading(Optional<SourcePath> path, Optional<String> problem) {}

  /**
   * Whether ingest has to do with a file: those of the data set's names, and every other picture
   * among the images, which is named as a problem instead of being left out unseen. (torchvision's
   * {@code Cityscapes} takes every file there for an image; cityscapesScripts looks for labels
   * alone.)
   */
  static boolean isListed(String path) {
    return !isHidden(path)
        && (SourceKind.ofName(path).isPresent() || PICTURE.matcher(path).matches());
  }

  /**
   * Whether a file among images and labels is neither read nor one that the data set's own scripts
   * make: left out, and the user hears of it, since its name may be a mistake.
   */
  static boolean isForeign(String path) {
    return !isHidden(path)
        && !isListed(path)
        && Arrays.stream(LabelEncoding.values())
            .noneMatch(made -> path.endsWith("_gtFine_" + made.fileEnding() + ".png"));
  }

  /** Whether a file is among images or labels of train or val, whatever it is. */
  static boolean isOfLabelledSplit(String path) {
    return LABELLED.matcher(path).matches();
  }

  /** Whether a file is an image of the test split. */
  static boolean isTestImage(String path) {
    return path.startsWith("leftImg8bit/test/")
        && path.endsWith(SourceKind.IMAGE.suffix())
        && !isHidden(path);
  }

  /** What operating systems and file managers leave behind begins with a dot. */
  private static boolean isHidden(String path) {
    return path.startsWith(".") || path.contains("/.");
  }

  /** Reads a path that is relative to the data set's folder, with '/' between names. */
  public static Reading read(String path) {
    Matcher folders = FOLDERS.matcher(path);
    if (!folders.matches()) {
      return wrong("is not in a city's folder; expected <folder>/<split>/<city>/<file>");
    }
    String city = folders.group(3);
    String name = folders.group(4);
    Optional<SourceKind> kind = SourceKind.ofName(name);
    if (kind.isEmpty()) {
      return wrong(
          "is a picture whose name does not end in %s; rename it, convert it to PNG, or take it out"
              .formatted(SourceKind.IMAGE.suffix()));
    }
    if (!kind.get().folder().equals(folders.group(1))) {
      return wrong("is in the wrong folder: images are in leftImg8bit, labels in gtFine");
    }
    String id = name.substring(0, name.length() - kind.get().suffix().length());
    Matcher parts = ID.matcher(id);
    if (!parts.matches()) {
      return wrong(
          "its name does not match the layout; expected <city>_<6 digits>_<6 digits>"
              + kind.get().suffix());
    }
    if (!parts.group(1).equals(city)) {
      return wrong("its name says city '%s', its folder city '%s'".formatted(parts.group(1), city));
    }
    return new Reading(
        Optional.of(new SourcePath(kind.get(), folders.group(2), city, id)), Optional.empty());
  }

  private static Reading wrong(String problem) {
    return new Reading(Optional.empty(), Optional.of(problem));
  }

  /** The path of a file. */
  public static String of(SourceKind kind, String split, String city, String id) {
    return kind.folder() + "/" + split + "/" + city + "/" + id + kind.suffix();
  }
}
