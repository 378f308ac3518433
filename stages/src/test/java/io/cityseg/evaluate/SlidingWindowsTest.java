package io.cityseg.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cityseg.image.PixelSize;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SlidingWindowsTest {
  /** The grid that mmsegmentation lays over Cityscapes with crop 769 and stride 513. */
  @Test
  void over_aCityscapesImage_isTheGridOfMmsegmentation() {
    SlidingWindows cut = new SlidingWindows(new PixelSize(769, 769), new PixelSize(513, 513));

    assertThat(cut.over(new PixelSize(1024, 2048)))
        .containsExactly(
            new SlidingWindows.Window(0, 769, 0, 769),
            new SlidingWindows.Window(0, 769, 513, 1282),
            new SlidingWindows.Window(0, 769, 1026, 1795),
            new SlidingWindows.Window(0, 769, 1279, 2048),
            new SlidingWindows.Window(255, 1024, 0, 769),
            new SlidingWindows.Window(255, 1024, 513, 1282),
            new SlidingWindows.Window(255, 1024, 1026, 1795),
            new SlidingWindows.Window(255, 1024, 1279, 2048));
  }

  @Test
  void over_anImageThatIsSmallerThanAWindow_isTheImage() {
    SlidingWindows cut = SlidingWindows.of(new PixelSize(30, 60), Optional.empty());

    assertThat(cut.stride()).isEqualTo(new PixelSize(20, 40));
    assertThat(cut.over(new PixelSize(10, 60)))
        .containsExactly(new SlidingWindows.Window(0, 10, 0, 60));
  }

  @Test
  void constructor_whenWindowsWouldLeaveGaps_isRefused() {
    assertThatThrownBy(() -> new SlidingWindows(new PixelSize(8, 8), new PixelSize(8, 9)))
        .hasMessage("Invalid window_stride: 8x9 (must be at most the window, 8x8)");
  }
}
