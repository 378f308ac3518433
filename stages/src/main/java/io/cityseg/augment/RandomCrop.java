package io.cityseg.augment;

import io.cityseg.image.GreyImage;
import io.cityseg.image.Window;
import io.cityseg.labels.CityscapesLabels;

/**
 * Where a crop is cut: {@code RandomCrop} of mmsegmentation 1.x
 * (mmseg/datasets/transforms/transforms.py). A window in which one class has too large a share of
 * the pixels that are not void is drawn again, ten times; the window that is drawn last is taken as
 * it is.
 *
 * @param height rows of the crop, at least 1
 * @param width columns of the crop, at least 1
 * @param maxClassShare the largest share of a class, exclusive, above 0; 1 accepts every window
 */
record RandomCrop(int height, int width, double maxClassShare) {
  private static final int TRIES = 10;

  /**
   * Draws a window. Where the picture is smaller than the crop, the window is as large as the
   * picture.
   */
  Window draw(GreyImage label, RandomStream random) {
    Window window = any(label, random);
    if (maxClassShare < 1) {
      for (int i = 0; i < TRIES && !varied(label, window); i++) {
        window = any(label, random);
      }
    }
    return window;
  }

  private Window any(GreyImage label, RandomStream random) {
    int top = random.nextInt(Math.max(label.height() - height, 0) + 1);
    int left = random.nextInt(Math.max(label.width() - width, 0) + 1);
    return new Window(top, left, Math.min(height, label.height()), Math.min(width, label.width()));
  }

  /** Whether there are two classes or more, none of which has the largest allowed share. */
  boolean varied(GreyImage label, Window window) {
    int[] pixels = new int[256];
    for (int y = window.top(); y < window.top() + window.height(); y++) {
      int row = y * label.width();
      for (int x = window.left(); x < window.left() + window.width(); x++) {
        pixels[label.pixels()[row + x] & 0xFF]++;
      }
    }
    pixels[CityscapesLabels.VOID_TRAIN_ID] = 0;
    long sum = 0;
    long most = 0;
    int classes = 0;
    for (int count : pixels) {
      sum += count;
      most = Math.max(most, count);
      classes += count > 0 ? 1 : 0;
    }
    return classes > 1 && (double) most / sum < maxClassShare;
  }
}
