package io.cityseg.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** Golden values: the arithmetic of cv2.resize (OpenCV 4.9.0 to 5.0.0), done by hand in Python. */
class ResizeTest {
  /** Weights are 3/4 and 1/4; beyond the centres of the outer rows nothing is mixed. */
  @Test
  void bilinear_whenTwiceAsHigh_weighsNeighbouringRows() {
    var image = new RgbImage(2, 1, new byte[] {0, 0, 0, 100, 80, 60});
    assertThat(Resize.bilinear(image, 4, 1).pixels())
        .containsExactly(0, 0, 0, 25, 20, 15, 75, 60, 45, 100, 80, 60);
  }

  /**
   * Above and below the centre both weights meet the same row and each product is truncated by
   * itself, so the middle column is one less there.
   */
  @Test
  void bilinear_whenNearTheBorder_isOneLessAsInOpenCv() {
    var image = new RgbImage(1, 2, new byte[] {7, 7, 7, 100, 100, 100});
    assertThat(Resize.bilinear(image, 3, 3).pixels())
        .containsExactly(
            7, 7, 7, 53, 53, 53, 100, 100, 100, //
            7, 7, 7, 54, 54, 54, 100, 100, 100, //
            7, 7, 7, 53, 53, 53, 100, 100, 100);
  }

  /** 14 to 18: output 9 takes input 6, not 7, because floor(9 * (1 / (18 / 14))) is 6. */
  @Test
  void nearest_whenProductFallsShortOfAnInteger_takesTheOneBefore() {
    byte[] pixels = new byte[14];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) i;
    }
    assertThat(Resize.nearest(new GreyImage(1, 14, pixels), 1, 18).pixels())
        .containsExactly(0, 0, 1, 2, 3, 3, 4, 5, 6, 6, 7, 8, 9, 10, 10, 11, 12, 13);
  }

  @Test
  void bilinear_whenSameSize_keepsPixels() {
    var image = new RgbImage(1, 2, new byte[] {1, 2, 3, 4, 5, 6});
    assertThat(Resize.bilinear(image, 1, 2)).isSameAs(image);
  }

  @Test
  void nearest_whenSizeIsAbsurd_throwsBeforeAllocating() {
    var image = new GreyImage(1, 1, new byte[1]);
    assertThatThrownBy(() -> Resize.nearest(image, 1, 1 << 20))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("a size of 1048576 x 1 pixels");
  }
}
