package io.cityseg.labels;

import static java.util.Objects.requireNonNull;

import io.cityseg.files.FileFailures;
import io.cityseg.files.WholeFile;
import io.cityseg.image.GreyImage;
import io.cityseg.image.ImageException;
import io.cityseg.image.LabelPng;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A label source on disk and the label image to make from it.
 *
 * @param source a polygons JSON file, or a PNG file of labelIds; its content says which
 * @param target the PNG file to write; it is replaced
 */
public record LabelFile(Path source, Path target) {
  private static final byte PNG_BEGINS = (byte) 0x89;

  public LabelFile {
    requireNonNull(source, "source");
    requireNonNull(target, "target");
  }

  /**
   * Makes the image, whole or not at all. Thread-safe.
   *
   * @throws LabelException when the source cannot be used or the target cannot be written; names
   *     the file
   */
  public void convert(LabelEncoding encoding) throws LabelException {
    byte[] content;
    try {
      content = WholeFile.read(source);
    } catch (IOException e) {
      throw new LabelException(e.getMessage(), e);
    }
    byte[] png =
        content.length > 0 && content[0] == PNG_BEGINS
            ? fromLabelIds(content, encoding)
            : draw(content, encoding);
    try {
      WholeFile.write(target, png);
    } catch (IOException e) {
      throw new LabelException(
          "%s: its label image %s cannot be written: %s"
              .formatted(source, target, FileFailures.reason(e)),
          e);
    }
  }

  private byte[] draw(byte[] json, LabelEncoding encoding) throws LabelException {
    String name = source.toString();
    if (name.endsWith(".png")) {
      throw new LabelException(
          name
              + (json.length == 0 ? " is not a PNG file: it is empty" : " is not a PNG file")
              + "; fetch it again, or name the polygons JSON file");
    }
    return switch (encoding) {
      case TRAIN_IDS -> LabelPng.encode(LabelImages.drawTrainIds(json, name));
      case IDS -> LabelPng.encode(LabelImages.drawIds(json, name));
      case COLOR -> LabelPng.encode(LabelImages.drawColors(json, name));
      case INSTANCE_IDS -> LabelPng.encode(LabelImages.drawInstanceIds(json, name));
      case INSTANCE_TRAIN_IDS -> LabelPng.encode(LabelImages.drawInstanceTrainIds(json, name));
    };
  }

  private byte[] fromLabelIds(byte[] png, LabelEncoding encoding) throws LabelException {
    String name = source.toString();
    if (encoding.hasInstances()) {
      throw new LabelException(
          "%s holds labelIds, which do not tell objects apart; %s needs the polygons JSON file"
              .formatted(name, encoding.text()));
    }
    if (isTarget()) {
      throw new LabelException(
          name + " would be replaced by its own " + encoding.text() + "; name another place");
    }
    GreyImage labelIds;
    try {
      labelIds = LabelPng.decode(png, name);
    } catch (ImageException e) {
      throw new LabelException(e.getMessage(), e);
    }
    if (encoding == LabelEncoding.COLOR) {
      return LabelPng.encode(LabelImages.colors(labelIds, name));
    }
    GreyImage trainIds = LabelImages.trainIds(labelIds, name);
    return LabelPng.encode(encoding == LabelEncoding.IDS ? labelIds : trainIds);
  }

  private boolean isTarget() throws LabelException {
    try {
      return Files.exists(target) && Files.isSameFile(source, target);
    } catch (IOException e) {
      throw new LabelException(source + " cannot be compared with " + target + ": " + e, e);
    }
  }
}
