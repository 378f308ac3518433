package io.cityseg.evaluate;

import static java.util.Objects.requireNonNull;

import io.cityseg.image.PixelSize;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Windows that cover an image, as {@code slide_inference} of mmsegmentation 1.x ({@code
 * models/segmentors/encoder_decoder.py}) lays them: one every stride from the top left corner on,
 * and those that would reach over the border are moved back inside. An image smaller than a window
 * has one, of its own size.
 *
 * @param size of a window
 * @param stride from one window to the next, down and across; at most the size
 */
record SlidingWindows(PixelSize size, PixelSize stride) {
  SlidingWindows {
    requireNonNull(size, "size");
    requireNonNull(stride, "stride");
    if (stride.height() > size.height() || stride.width() > size.width()) {
      throw new IllegalArgumentException(
          "Invalid window_stride: %s (must be at most the window, %s)".formatted(stride, size));
    }
  }

  /** Rows {@code top} to before {@code bottom}, columns {@code left} to before {@code right}. */
  record Window(int top, int bottom, int left, int right) {}

  private record Range(int from, int to) {}

  /** Windows with a stride, two thirds of their size where none is given. */
  static SlidingWindows of(PixelSize size, Optional<PixelSize> stride) {
    return new SlidingWindows(
        size,
        stride.orElseGet(
            () ->
                new PixelSize(
                    Math.max(1, 2 * size.height() / 3), Math.max(1, 2 * size.width() / 3))));
  }

  /** The windows of an image, row by row. */
  List<Window> over(PixelSize image) {
    List<Window> windows = new ArrayList<>();
    for (Range rows : ranges(image.height(), size.height(), stride.height())) {
      for (Range columns : ranges(image.width(), size.width(), stride.width())) {
        windows.add(new Window(rows.from(), rows.to(), columns.from(), columns.to()));
      }
    }
    return windows;
  }

  private static List<Range> ranges(int length, int window, int stride) {
    int count = Math.max(length - window + stride - 1, 0) / stride + 1;
    List<Range> ranges = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int to = Math.min(i * stride + window, length);
      ranges.add(new Range(Math.max(to - window, 0), to));
    }
    return ranges;
  }
}
