package io.cityseg.labels;

import io.cityseg.image.GreyImage;
import io.cityseg.image.ImageCodec;
import io.cityseg.image.RgbImage;
import java.util.Arrays;
import java.util.function.ToIntFunction;

/**
 * Label images from label sources, as {@code json2labelImg} of cityscapesScripts draws them: on
 * "unlabeled", objects in the order of the file, later ones over earlier ones, and void over what
 * lies under it. Thread-safe.
 */
public final class LabelImages {
  private LabelImages() {}

  /**
   * Draws the polygons of a {@code *_gtFine_polygons.json} file as trainIds: uint8 [imgHeight,
   * imgWidth], 0..18 and 255.
   *
   * @param json the whole file
   * @param name the file, for messages
   * @throws LabelException when it is no annotation file, has an unknown label, or is too large
   */
  public static GreyImage drawTrainIds(byte[] json, String name) throws LabelException {
    return draw(json, name, Label::trainId);
  }

  /** As {@link #drawTrainIds}, as regular ids 0..33. */
  public static GreyImage drawIds(byte[] json, String name) throws LabelException {
    return draw(json, name, Label::id);
  }

  /** As {@link #drawTrainIds}, in the labels' own colours: [imgHeight, imgWidth, 3]. */
  public static RgbImage drawColors(byte[] json, String name) throws LabelException {
    return colors(drawIds(json, name));
  }

  /**
   * A labelIds image as trainIds.
   *
   * @throws LabelException when a pixel is no id of the table
   */
  public static GreyImage trainIds(GreyImage labelIds, String name) throws LabelException {
    byte[] table = new byte[256];
    for (Label label : CityscapesLabels.all()) {
      if (label.id() >= 0) {
        table[label.id()] = (byte) label.trainId();
      }
    }
    int ids = CityscapesLabels.all().size() - 1;
    byte[] from = labelIds.pixels();
    byte[] to = new byte[from.length];
    for (int i = 0; i < from.length; i++) {
      int id = from[i] & 0xff;
      if (id >= ids) {
        throw new LabelException(
            "%s has the id %d at column %d, row %d; the ids of Cityscapes are 0 to %d"
                .formatted(name, id, i % labelIds.width(), i / labelIds.width(), ids - 1));
      }
      to[i] = table[id];
    }
    return new GreyImage(labelIds.height(), labelIds.width(), to);
  }

  /**
   * As {@link #drawTrainIds}, as the file that {@code json2labelImg} writes: 8-bit grey, or for
   * colours 8-bit RGB with alpha.
   */
  public static byte[] drawPng(byte[] json, String name, LabelEncoding encoding)
      throws LabelException {
    return switch (encoding) {
      case TRAIN_IDS -> ImageCodec.encodePng(drawTrainIds(json, name));
      case IDS -> ImageCodec.encodePng(drawIds(json, name));
      case COLOR -> ImageCodec.encodeOpaquePng(drawColors(json, name));
    };
  }

  /** A labelIds image as such a file; throws as {@link #trainIds} does. */
  public static byte[] recodePng(GreyImage labelIds, String name, LabelEncoding encoding)
      throws LabelException {
    GreyImage trainIds = trainIds(labelIds, name);
    return switch (encoding) {
      case TRAIN_IDS -> ImageCodec.encodePng(trainIds);
      case IDS -> ImageCodec.encodePng(labelIds);
      case COLOR -> ImageCodec.encodeOpaquePng(colors(labelIds));
    };
  }

  /** An image of regular ids in the labels' own colours. */
  private static RgbImage colors(GreyImage ids) {
    byte[] from = ids.pixels();
    byte[] to = new byte[from.length * RgbImage.CHANNELS];
    for (int i = 0; i < from.length; i++) {
      int color = label(from[i]).color();
      to[3 * i] = (byte) (color >> 16);
      to[3 * i + 1] = (byte) (color >> 8);
      to[3 * i + 2] = (byte) color;
    }
    return new RgbImage(ids.height(), ids.width(), to);
  }

  private static GreyImage draw(byte[] json, String name, ToIntFunction<Label> value)
      throws LabelException {
    Polygons polygons = PolygonsReader.read(json, name);
    byte[] canvas = new byte[polygons.height() * polygons.width()];
    Arrays.fill(canvas, (byte) value.applyAsInt(label(0)));
    PolygonFill fill = new PolygonFill(canvas, polygons.height(), polygons.width());
    try {
      for (int i = 0; i < polygons.count(); i++) {
        byte pixel = (byte) value.applyAsInt(label(polygons.ids()[i]));
        fill.fill(polygons.points(), polygons.start(i), polygons.ends()[i], pixel);
      }
    } catch (LabelException e) {
      throw new LabelException(name + " cannot be drawn: " + e.getMessage(), e);
    }
    return new GreyImage(polygons.height(), polygons.width(), canvas);
  }

  private static Label label(int id) {
    return CityscapesLabels.ofId(id).orElseThrow();
  }
}
