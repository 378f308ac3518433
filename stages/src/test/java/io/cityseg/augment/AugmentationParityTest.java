package io.cityseg.augment;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.cityseg.image.GreyImage;
import io.cityseg.image.Resize;
import io.cityseg.image.RgbImage;
import io.cityseg.store.Digest;
import java.io.InputStream;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The transforms, given their parameters, against mmcv's and mmsegmentation's formulas on OpenCV
 * (golden.txt; infra/parity/augment/make_golden.py made it).
 */
class AugmentationParityTest {
  private static final int SHOWN_BYTES = 24;

  @ParameterizedTest
  @MethodSource("cases")
  void apply_givenTheParameters_equalsTheOriginal(String line) {
    List<String> given = List.of(line.substring(0, line.indexOf(" =")).split(" "));
    List<String> expected = List.of(line.substring(line.indexOf("= ") + 2).split(" "));
    int height = Integer.parseInt(given.get(1));
    int width = Integer.parseInt(given.get(2));
    int channels = given.get(0).equals("label") ? 1 : 3;
    byte[] picture = picture(height * width * channels, Long.parseLong(given.get(3)));

    byte[] actual;
    if (given.get(0).equals("colour")) {
      actual = distortion(given).apply(new RgbImage(height, width, picture)).pixels();
    } else {
      ScaledSize size = ScaledSize.of(height, width, Double.parseDouble(given.get(4)));
      assertThat(size.height() + " " + size.width())
          .isEqualTo(expected.get(0) + " " + expected.get(1));
      actual =
          channels == 1
              ? Resize.nearest(new GreyImage(height, width, picture), size.height(), size.width())
                  .pixels()
              : Resize.bilinear(new RgbImage(height, width, picture), size.height(), size.width())
                  .pixels();
    }

    assertThat(HexFormat.of().formatHex(actual, 0, SHOWN_BYTES)).isEqualTo(expected.get(3));
    assertThat(Digest.of(actual).hex()).isEqualTo(expected.get(2));
  }

  private static Stream<String> cases() throws Exception {
    try (InputStream in = AugmentationParityTest.class.getResourceAsStream("golden.txt")) {
      return new String(in.readAllBytes(), UTF_8).lines().filter(line -> !line.startsWith("#"));
    }
  }

  private static PhotometricDistortion distortion(List<String> given) {
    return new PhotometricDistortion(
        number(given.get(4)),
        number(given.get(5)),
        given.get(6).equals("True"),
        number(given.get(7)),
        given.get(8).equals("-")
            ? OptionalInt.empty()
            : OptionalInt.of(Integer.parseInt(given.get(8))));
  }

  private static OptionalDouble number(String text) {
    return text.equals("-") ? OptionalDouble.empty() : OptionalDouble.of(Double.parseDouble(text));
  }

  private static byte[] picture(int bytes, long seed) {
    byte[] picture = new byte[bytes];
    long state = seed;
    for (int i = 0; i < bytes; i++) {
      state = state * 6364136223846793005L + 1442695040888963407L;
      picture[i] = (byte) (state >>> 56);
    }
    return picture;
  }
}
