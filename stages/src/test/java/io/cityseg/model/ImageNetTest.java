package io.cityseg.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class ImageNetTest {
  /** normalize.csv: Albumentations 2.0.8's values, made by the resize oracle's make_resize.py. */
  @Test
  void normalize_whenAnyByteInAnyChannel_givesAlbumentationsBits() throws IOException {
    List<String> lines = lines();
    byte[] rgb = new byte[3 * 256];
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) (i / 3);
    }
    FloatBuffer chw = FloatBuffer.allocate(rgb.length);
    ImageNet.normalize(rgb, 1, 256, false, chw);
    for (int value = 0; value < 256; value++) {
      String[] want = lines.get(value + 1).split(",", -1);
      for (int channel = 0; channel < 3; channel++) {
        assertThat(Float.floatToRawIntBits(chw.get(256 * channel + value)))
            .as("byte %d, channel %d", value, channel)
            .isEqualTo(Integer.parseUnsignedInt(want[channel + 1], 16));
      }
    }
  }

  @Test
  void normalize_whenFlipped_mirrorsEveryRow() {
    byte[] rgb = {0, 1, 2, 10, 11, 12, 20, 21, 22, 30, 31, 32, 40, 41, 42, (byte) 250, 51, 52};
    FloatBuffer chw = FloatBuffer.allocate(18);
    ImageNet.normalize(rgb, 2, 3, true, chw);
    int[] red = {20, 10, 0, 250, 40, 30};
    for (int i = 0; i < red.length; i++) {
      assertThat(chw.get(i)).as("red " + i).isEqualTo(ImageNet.normalised(0, red[i]));
    }
    assertThat(chw.get(6)).isEqualTo(ImageNet.normalised(1, 21));
    assertThat(chw.remaining()).isZero();
  }

  @Test
  void normalize_whenSizesDoNotFit_saysBoth() {
    assertThatThrownBy(
            () -> ImageNet.normalize(new byte[11], 2, 2, false, FloatBuffer.allocate(12)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid picture: 11 bytes for 2 x 2 pixels (must be 12)");
    assertThatThrownBy(
            () -> ImageNet.normalize(new byte[12], 2, 2, false, FloatBuffer.allocate(11)))
        .hasMessage("Invalid buffer: room for 11 values (must be 12)");
  }

  private static List<String> lines() throws IOException {
    try (BufferedReader in =
        new BufferedReader(
            new InputStreamReader(
                ImageNetTest.class.getResourceAsStream("normalize.csv"), StandardCharsets.UTF_8))) {
      return in.lines().toList();
    }
  }
}
