package io.cityseg.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ImageCodecTest {
  private static final int WIDTH = 37;
  private static final int HEIGHT = 23;

  @Test
  void decodeRgb_whenEncodedBefore_givesSamePixels() throws ImageException {
    var image = new RgbImage(HEIGHT, WIDTH, noise(HEIGHT * WIDTH * 3));
    assertThat(ImageCodec.decodeRgb(ImageCodec.encodePng(image), "a.png")).isEqualTo(image);
  }

  @Test
  void decodeGrey_whenEncodedBefore_givesSamePixels() throws ImageException {
    var image = new GreyImage(HEIGHT, WIDTH, noise(HEIGHT * WIDTH));
    assertThat(ImageCodec.decodeGrey(ImageCodec.encodePng(image), "a.png")).isEqualTo(image);
  }

  @Test
  void decodeRgb_whenMadeByHand_givesRedGreenBlue() throws ImageException {
    byte[] samples = {1, 2, 3, (byte) 250, (byte) 128, 0};
    byte[] png =
        new PngBytes()
            .header(2, 1, 8, 2)
            .chunk("IDAT", PngBytes.deflate(PngBytes.rows(6, 1, samples)))
            .chunk("IEND")
            .toByteArray();
    assertThat(ImageCodec.decodeRgb(png, "a.png").pixels()).isEqualTo(samples);
  }

  @Test
  void decodeRgb_whenChunksAskForConversions_ignoresThem() throws ImageException {
    byte[] samples = {1, 2, 3, (byte) 250, (byte) 128, 0};
    byte[] png =
        new PngBytes()
            .header(2, 1, 8, 2)
            .chunk("gAMA", (byte) 0, (byte) 0, (byte) 1, (byte) 0)
            .chunk("tRNS", (byte) 0, (byte) 1, (byte) 0, (byte) 2, (byte) 0, (byte) 3)
            .chunk("IDAT", PngBytes.deflate(PngBytes.rows(6, 1, samples)))
            .chunk("IEND")
            .toByteArray();
    assertThat(ImageCodec.decodeRgb(png, "a.png").pixels()).isEqualTo(samples);
  }

  /** libpng only warns of data behind the last row; every pixel is there. */
  @Test
  void decodeGrey_whenStreamHasMore_givesThePixels() throws ImageException {
    byte[] samples = noise(WIDTH * (HEIGHT + 1));
    byte[] png =
        new PngBytes()
            .header(WIDTH, HEIGHT, 8, 0)
            .chunk("IDAT", PngBytes.deflate(PngBytes.rows(WIDTH, HEIGHT + 1, samples)))
            .chunk("IEND")
            .toByteArray();
    assertThat(ImageCodec.decodeGrey(png, "a.png").pixels())
        .isEqualTo(Arrays.copyOf(samples, WIDTH * HEIGHT));
  }

  @Test
  void encodePng_whenCalledTwice_givesSameBytes() {
    var image = new GreyImage(HEIGHT, WIDTH, noise(HEIGHT * WIDTH));
    assertThat(ImageCodec.encodePng(image)).isEqualTo(ImageCodec.encodePng(image));
  }

  @Test
  void decodeRgb_whenGrey_saysWhatItHasAndWhatIsWanted() {
    byte[] png = PngBytes.grey(WIDTH, HEIGHT, noise(WIDTH * HEIGHT));
    assertThatThrownBy(() -> ImageCodec.decodeRgb(png, "a.png"))
        .isInstanceOf(ImageException.class)
        .hasMessage("a.png holds 8-bit grey pixels; 8-bit RGB is needed, so convert it");
  }

  @Test
  void decodeRgb_whenDeep_saysSo() {
    byte[] png =
        new PngBytes()
            .header(1, 1, 16, 6)
            .chunk("IDAT", PngBytes.deflate(new byte[9]))
            .chunk("IEND")
            .toByteArray();
    assertThatThrownBy(() -> ImageCodec.decodeRgb(png, "a.png"))
        .hasMessageContaining("a.png holds 16-bit RGB with alpha pixels");
  }

  @Test
  void decodeGrey_whenPalette_saysSo() {
    byte[] png =
        new PngBytes()
            .header(1, 1, 8, 3)
            .chunk("PLTE", (byte) 1, (byte) 2, (byte) 3)
            .chunk("IDAT", PngBytes.deflate(new byte[2]))
            .chunk("IEND")
            .toByteArray();
    assertThatThrownBy(() -> ImageCodec.decodeGrey(png, "a.png"))
        .hasMessageContaining("a.png holds 8-bit palette pixels");
  }

  /** Each is a file of sound chunks around a stream that a decoder may stop in half-way. */
  @Test
  void decodeGrey_whenStreamIsDamaged_throws() {
    byte[] stream = PngBytes.deflate(PngBytes.rows(WIDTH, HEIGHT, noise(WIDTH * HEIGHT)));
    assertDamaged(Arrays.copyOf(stream, stream.length / 2), "half of the stream");
    assertDamaged(Arrays.copyOf(stream, stream.length - 6), "the stream's last bytes");
    assertDamaged(Arrays.copyOf(stream, stream.length - 4), "no checksum");
    assertDamaged(changed(stream, stream.length - 1), "wrong checksum");
    assertDamaged(changed(stream, stream.length / 2), "a changed byte");
    assertDamaged(changed(stream, 0), "a changed first byte");
    assertDamaged(
        PngBytes.deflate(PngBytes.rows(WIDTH, HEIGHT - 1, noise(WIDTH * HEIGHT))), "a row less");
    byte[] badFilter = PngBytes.rows(WIDTH, HEIGHT, noise(WIDTH * HEIGHT));
    badFilter[5 * (WIDTH + 1)] = 9;
    assertDamaged(PngBytes.deflate(badFilter), "an unknown filter");
  }

  private static void assertDamaged(byte[] stream, String what) {
    byte[] png =
        new PngBytes()
            .header(WIDTH, HEIGHT, 8, 0)
            .chunk("IDAT", stream)
            .chunk("IEND")
            .toByteArray();
    assertThatThrownBy(() -> ImageCodec.decodeGrey(png, "a.png"))
        .as(what)
        .isInstanceOf(ImageException.class)
        .hasMessageContaining("a.png is damaged: its compressed image data cannot be decoded");
  }

  private static byte[] changed(byte[] bytes, int at) {
    byte[] changed = bytes.clone();
    changed[at] ^= 0x15;
    return changed;
  }

  private static byte[] noise(int length) {
    byte[] noise = new byte[length];
    new Random(1).nextBytes(noise);
    return noise;
  }
}
