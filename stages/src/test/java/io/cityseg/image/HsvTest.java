package io.cityseg.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.cityseg.store.Digest;
import org.junit.jupiter.api.Test;

/**
 * Every colour against {@code cv2.cvtColor} of OpenCV 4.9.0 on a processor with AVX2; the digests
 * are printed by infra/parity/augment/make_golden.py.
 */
class HsvTest {
  @Test
  void of_everyColour_equalsOpenCv() {
    byte[] rgb = new byte[3 << 24];
    for (int i = 0; i < 1 << 24; i++) {
      rgb[3 * i] = (byte) (i >> 16);
      rgb[3 * i + 1] = (byte) (i >> 8);
      rgb[3 * i + 2] = (byte) i;
    }
    assertThat(Digest.of(Hsv.of(new RgbImage(4096, 4096, rgb))).hex())
        .isEqualTo("a5b38b214f65aed9d382cc07bf40311aff2e3e324c98da86df77bef285f224eb");
  }

  @Test
  void toRgb_everyColour_equalsOpenCv() {
    int colours = 180 << 16;
    byte[] hsv = new byte[3 * colours];
    for (int i = 0; i < colours; i++) {
      hsv[3 * i] = (byte) (i >> 16);
      hsv[3 * i + 1] = (byte) (i >> 8);
      hsv[3 * i + 2] = (byte) i;
    }
    assertThat(Digest.of(Hsv.toRgb(2880, 4096, hsv).pixels()).hex())
        .isEqualTo("cf2763d893cfed37873c3062fb3b644ac3d2c35a59299550e0e82c8f6874eb48");
  }
}
