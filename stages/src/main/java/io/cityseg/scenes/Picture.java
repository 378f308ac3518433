package io.cityseg.scenes;

import java.util.List;

/**
 * A scene in pixels: paints strokes, then develops what was painted as a camera would. For one
 * thread.
 */
final class Picture {
  private final int height;
  private final int width;

  /** Packed colours, row by row. */
  private final int[] colours;

  /** The index of the object that is seen at each pixel in the end. */
  private final int[] seen;

  /**
   * An empty picture.
   *
   * @param seen which annotated stroke is seen at each pixel, by the rule that labels are drawn by
   */
  Picture(int height, int width, int[] seen) {
    this.height = height;
    this.width = width;
    this.seen = seen;
    this.colours = new int[height * width];
  }

  /**
   * Paints strokes in their order. An object paints all pixels at which it will be seen, and of the
   * others those that a nearer one hides: what shines through that one has been painted then.
   */
  void paint(List<Stroke> strokes) {
    int object = -1;
    for (Stroke stroke : strokes) {
      if (stroke instanceof Stroke.Annotated annotated) {
        object++;
        paintObject(annotated, object);
      } else {
        int current = object;
        boolean clipped = stroke instanceof Stroke.Detail;
        Fill.spans(
            stroke.polygon(),
            height,
            width,
            (y, from, to) -> {
              for (int x = from; x <= to; x++) {
                if (!clipped || seen[y * width + x] == current) {
                  paint(stroke.paint(), x, y);
                }
              }
            });
      }
    }
  }

  private void paintObject(Stroke.Annotated object, int index) {
    Fill.spans(
        object.polygon(),
        height,
        width,
        (y, from, to) -> {
          for (int x = from; x <= to; x++) {
            if (seen[y * width + x] > index) {
              paint(object.paint(), x, y);
            }
          }
        });
    int left = object.polygon().stream().mapToInt(Pixel::x).min().orElseThrow();
    int right = object.polygon().stream().mapToInt(Pixel::x).max().orElseThrow();
    int top = object.polygon().stream().mapToInt(Pixel::y).min().orElseThrow();
    int bottom = object.polygon().stream().mapToInt(Pixel::y).max().orElseThrow();
    for (int y = top; y <= bottom; y++) {
      for (int x = left; x <= right; x++) {
        if (seen[y * width + x] == index) {
          paint(object.paint(), x, y);
        }
      }
    }
  }

  private void paint(Paint paint, int x, int y) {
    int at = y * width + x;
    colours[at] = paint.colour(x, y, colours[at]);
  }

  /**
   * The picture as 8-bit RGB [height, width, 3]: edges a little soft, brighter or darker, warmer or
   * colder, darker towards the corners, with a sensor's noise.
   */
  byte[] develop(SceneRandom random) {
    double exposure = random.between(0.78, 1.12);
    double warmth = random.between(-0.05, 0.06);
    double grain = random.between(2, 5);
    double[] gains = {exposure * (1 + warmth), exposure, exposure * (1 - warmth)};
    long seed = random.next();
    byte[] pixels = new byte[height * width * 3];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        double light = vignette(x, y);
        double noise = grain * Colours.lattice(seed, x, y);
        for (int channel = 0; channel < 3; channel++) {
          double value = soft(x, y, 16 - 8 * channel) * gains[channel] * light + noise;
          pixels[(y * width + x) * 3 + channel] =
              (byte) Math.max(0, Math.min(255, Math.round(value)));
        }
      }
    }
    return pixels;
  }

  private double vignette(int x, int y) {
    double dx = 2.0 * x / width - 1;
    double dy = 2.0 * y / height - 1;
    return 1 - 0.09 * (dx * dx + dy * dy);
  }

  /** A channel blurred with the weights 1 2 1 in both directions, half of it the pixel itself. */
  private double soft(int x, int y, int shift) {
    int sum = 0;
    for (int dy = -1; dy <= 1; dy++) {
      int row = Math.max(0, Math.min(height - 1, y + dy)) * width;
      for (int dx = -1; dx <= 1; dx++) {
        int column = Math.max(0, Math.min(width - 1, x + dx));
        sum += (2 - Math.abs(dx)) * (2 - Math.abs(dy)) * (colours[row + column] >> shift & 0xFF);
      }
    }
    return (sum / 16.0 + (colours[y * width + x] >> shift & 0xFF)) / 2;
  }
}
