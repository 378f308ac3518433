package io.cityseg.labels;

import io.cityseg.image.Grey16Image;
import io.cityseg.image.GreyImage;
import io.cityseg.image.RgbImage;
import java.util.Arrays;

/**
 * Label images from label sources, as {@code json2labelImg} of cityscapesScripts draws them: on
 * "unlabeled", objects in the order of the file, later ones over earlier ones, and void over what
 * lies under it. Thread-safe.
 */
public final class LabelImages {
  /** The factor between a label's number and its instances' (cityscapesScripts). */
  private static final int INSTANCES = 1000;

  private static final int MAX_16_BIT = 0xffff;

  private LabelImages() {}

  /**
   * Draws the polygons of a {@code *_gtFine_polygons.json} file as trainIds: uint8 [imgHeight,
   * imgWidth], 0..18 and 255.
   *
   * @param json the whole file
   * @param name the file, for messages
   * @throws LabelException when it is no annotation file, has an unknown label, or is too large
   */
  static GreyImage drawTrainIds(byte[] json, String name) throws LabelException {
    return draw(json, name, LabelEncoding.TRAIN_IDS);
  }

  /** As {@link #drawTrainIds}, as regular ids 0..33. */
  public static GreyImage drawIds(byte[] json, String name) throws LabelException {
    return draw(json, name, LabelEncoding.IDS);
  }

  /**
   * As {@link #drawTrainIds}, as {@code json2instanceImg} draws regular ids with instances: uint16
   * [imgHeight, imgWidth], id * 1000 + k for the k-th object (from 0) of a label that has
   * instances; the id alone for a group and for all other labels.
   */
  static Grey16Image drawInstanceIds(byte[] json, String name) throws LabelException {
    return drawInstances(json, name, LabelEncoding.INSTANCE_IDS);
  }

  /** As {@link #drawInstanceIds}, with trainIds; what is 255 stays 255, instances or not. */
  static Grey16Image drawInstanceTrainIds(byte[] json, String name) throws LabelException {
    return drawInstances(json, name, LabelEncoding.INSTANCE_TRAIN_IDS);
  }

  /** As {@link #drawTrainIds}, in the labels' own colours: [imgHeight, imgWidth, 3]. */
  static RgbImage drawColors(byte[] json, String name) throws LabelException {
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
   * A labelIds image in the labels' own colours: [height, width, 3].
   *
   * @throws LabelException when a pixel is no id of the table
   */
  static RgbImage colors(GreyImage labelIds, String name) throws LabelException {
    trainIds(labelIds, name);
    return colors(labelIds);
  }

  /** A drawn image of regular ids in the labels' own colours. */
  private static RgbImage colors(GreyImage ids) {
    byte[] from = ids.pixels();
    byte[] to = new byte[from.length * RgbImage.CHANNELS];
    for (int i = 0; i < from.length; i++) {
      int color = CityscapesLabels.ofId(from[i]).orElseThrow().color();
      to[3 * i] = (byte) (color >> 16);
      to[3 * i + 1] = (byte) (color >> 8);
      to[3 * i + 2] = (byte) color;
    }
    return new RgbImage(ids.height(), ids.width(), to);
  }

  private static GreyImage draw(byte[] json, String name, LabelEncoding encoding)
      throws LabelException {
    Polygons polygons = PolygonsReader.read(json, name);
    byte[] pixels = new byte[polygons.height() * polygons.width()];
    Arrays.fill(pixels, (byte) encoding.value(label(0)));
    int[] values = new int[polygons.count()];
    for (int i = 0; i < values.length; i++) {
      values[i] = encoding.value(label(polygons.ids()[i]));
    }
    fill(polygons, values, Canvas.of(pixels), name);
    return new GreyImage(polygons.height(), polygons.width(), pixels);
  }

  private static Grey16Image drawInstances(byte[] json, String name, LabelEncoding encoding)
      throws LabelException {
    Polygons polygons = PolygonsReader.read(json, name);
    short[] pixels = new short[polygons.height() * polygons.width()];
    Arrays.fill(pixels, (short) encoding.value(label(0)));
    fill(polygons, instanceValues(polygons, encoding), Canvas.of(pixels), name);
    return new Grey16Image(polygons.height(), polygons.width(), pixels);
  }

  /**
   * The numbers of {@code createInstanceImage}: objects of a label are counted from 0 in the order
   * of the file, whether or not a pixel of them stays visible. Pillow cuts what is beyond 16 bits
   * off to 65,535 when it saves.
   */
  private static int[] instanceValues(Polygons polygons, LabelEncoding encoding) {
    int[] values = new int[polygons.count()];
    int[] seen = new int[CityscapesLabels.all().size()];
    for (int i = 0; i < values.length; i++) {
      Label label = label(polygons.ids()[i]);
      int value = encoding.value(label);
      boolean single = label.hasInstances() && !polygons.groups()[i];
      if (single && value != CityscapesLabels.VOID_TRAIN_ID) {
        value = Math.min(value * INSTANCES + seen[label.id()]++, MAX_16_BIT);
      }
      values[i] = value;
    }
    return values;
  }

  private static void fill(Polygons polygons, int[] values, Canvas canvas, String name)
      throws LabelException {
    PolygonFill fill = new PolygonFill(canvas, polygons.height(), polygons.width());
    try {
      for (int i = 0; i < values.length; i++) {
        fill.fill(polygons.points(), polygons.start(i), polygons.ends()[i], values[i]);
      }
    } catch (LabelException e) {
      throw new LabelException(name + " cannot be drawn: " + e.getMessage(), e);
    }
  }

  private static Label label(int id) {
    return CityscapesLabels.ofId(id).orElseThrow();
  }
}
