package io.cityseg.scenes;

import io.cityseg.image.GreyImage;
import io.cityseg.image.ImageCodec;
import io.cityseg.image.RgbImage;
import io.cityseg.labels.CityscapesLabels;
import io.cityseg.labels.Label;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** One drawn scene as the four files of the data set. */
final class Scene {
  /** Keeps the numbers of the sensor apart from those of the street. */
  private static final long SENSOR = 0x5CE17E5L;

  private final int height;
  private final int width;
  private final List<Stroke.Annotated> objects;

  /** Index of the object seen at each pixel, -1 for none. */
  private final int[] seen;

  private final byte[] image;

  private Scene(int height, int width, long seed) {
    this.height = height;
    this.width = width;
    List<Stroke> strokes = SceneComposer.compose(height, width, seed);
    this.objects =
        strokes.stream()
            .filter(Stroke.Annotated.class::isInstance)
            .map(Stroke.Annotated.class::cast)
            .toList();
    this.seen = ObjectMap.draw(height, width, objects);
    Picture picture = new Picture(height, width, seen);
    picture.paint(strokes);
    this.image = picture.develop(new SceneRandom(seed ^ SENSOR));
  }

  /** Draws a scene; it depends on the size and the seed alone. */
  static Scene draw(int height, int width, long seed) {
    return new Scene(height, width, seed);
  }

  /** The picture: an 8-bit RGB PNG file. */
  byte[] image() {
    return ImageCodec.encodePng(new RgbImage(height, width, image));
  }

  /** The annotation, objects back to front: a {@code *_gtFine_polygons.json} file. */
  byte[] polygons() {
    return ObjectMap.annotation(height, width, objects, i -> objects.get(i).label());
  }

  /** The classes by id: an 8-bit grey PNG file. */
  byte[] labelIds() {
    int[] ids = objects.stream().mapToInt(object -> label(object).id()).toArray();
    byte[] pixels = new byte[seen.length];
    for (int i = 0; i < seen.length; i++) {
      pixels[i] = (byte) (seen[i] < 0 ? 0 : ids[seen[i]]);
    }
    return ImageCodec.encodePng(new GreyImage(height, width, pixels));
  }

  /**
   * The instances: a 16-bit grey PNG file of the id for stuff, and of {@code id * 1000 + k} for the
   * k-th object of a class that has instances, counted from 0 in the annotation's order
   * (json2instanceImg).
   */
  byte[] instanceIds() {
    Map<Integer, Integer> counts = new HashMap<>();
    List<Integer> ids = new ArrayList<>();
    for (Stroke.Annotated object : objects) {
      int id = label(object).id();
      ids.add(
          label(object).hasInstances() ? id * 1000 + counts.merge(id, 1, Integer::sum) - 1 : id);
    }
    short[] values = new short[seen.length];
    for (int i = 0; i < seen.length; i++) {
      values[i] = (short) (seen[i] < 0 ? 0 : ids.get(seen[i]));
    }
    return InstancePng.encode(height, width, values);
  }

  private static Label label(Stroke.Annotated object) {
    return CityscapesLabels.ofName(object.label()).orElseThrow();
  }
}
