package io.cityseg.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class PngFileTest {
  private static final byte[] PIXELS = {1, 2, 3, 4, 5, 6};

  @Test
  void check_whenSound_saysWhatTheHeaderSays() throws ImageException {
    assertThat(PngFile.check(PngBytes.grey(3, 2, PIXELS), "a.png"))
        .isEqualTo(new PngHeader(3, 2, 8, ColorType.GREY));
  }

  @Test
  void check_whenMadeByTheCodec_accepts() throws ImageException {
    byte[] png = ImageCodec.encodePng(new RgbImage(1, 2, PIXELS));
    assertThat(PngFile.check(png, "a.png")).isEqualTo(new PngHeader(2, 1, 8, ColorType.RGB));
  }

  @Test
  void check_whenCutInsideAChunk_saysWhichAndHowMuchIsLeft() {
    byte[] png =
        new PngBytes()
            .header(64, 128, 8, 0)
            .chunk("IDAT", new byte[8192])
            .chunk("IEND")
            .toByteArray();
    assertThatThrownBy(
            () -> PngFile.check(Arrays.copyOf(png, 33 + 8 + 511 + 4), "x_leftImg8bit.png"))
        .isInstanceOf(ImageException.class)
        .hasMessage(
            "x_leftImg8bit.png is truncated: chunk IDAT at byte 33 claims 8192 bytes, 511 are left");
  }

  @Test
  void check_whenCutAnywhere_throws() {
    byte[] png = PngBytes.grey(3, 2, PIXELS);
    for (int length = 0; length < png.length; length++) {
      byte[] cut = Arrays.copyOf(png, length);
      assertThatThrownBy(() -> PngFile.check(cut, "a.png"))
          .as("cut after %d bytes", length)
          .isInstanceOf(ImageException.class)
          .message()
          .matches("a.png is (truncated|not a PNG file).*");
    }
  }

  @Test
  void check_whenAnyByteIsChanged_throws() {
    byte[] png = PngBytes.grey(3, 2, PIXELS);
    for (int at = 0; at < png.length; at++) {
      byte[] changed = png.clone();
      changed[at] ^= 0x20;
      assertThatThrownBy(() -> PngFile.check(changed, "a.png"))
          .as("byte %d changed", at)
          .isInstanceOf(ImageException.class);
    }
  }

  @Test
  void check_whenCrcIsWrong_namesTheChunk() {
    byte[] png = PngBytes.grey(3, 2, PIXELS);
    png[33 + 8] ^= 1;
    assertThatThrownBy(() -> PngFile.check(png, "a.png"))
        .hasMessageContaining("a.png is damaged: chunk IDAT at byte 33 has the CRC ");
  }

  @Test
  void check_whenSizeIsAbsurd_refusesIt() {
    assertRefused(new PngBytes().header(100_000, 10, 8, 0), "a size of 100000 x 10 pixels");
    assertRefused(new PngBytes().header(16_384, 16_384, 8, 0), "(must be at most 16384 on a side");
    assertRefused(new PngBytes().header(-1, 5, 8, 0), "a size of 4294967295 x 5 pixels");
    assertRefused(new PngBytes().header(0, 5, 8, 0), "a size of 0 x 5 pixels (must be at least");
  }

  @Test
  void check_whenPixelsCannotBeInTheData_refusesIt() {
    assertRefused(
        new PngBytes().header(8000, 8000, 8, 2).chunk("IDAT", new byte[100]),
        "a.png is damaged: 8000 x 8000 pixels need 192000000 bytes, which 100 compressed bytes");
  }

  @Test
  void check_whenStructureIsWrong_saysWhat() {
    byte[] data = PngBytes.deflate(new byte[2]);
    assertRefused(new PngBytes(), "the chunk at byte 8 is IEND; IHDR comes first and once");
    assertRefused(new PngBytes().header(1, 1, 8, 0), "it has no image data");
    assertRefused(new PngBytes().header(1, 1, 8, 0).header(1, 1, 8, 0), "IHDR comes first");
    assertRefused(new PngBytes().header(1, 1, 3, 0), "3 bits a sample of the colour type 0");
    assertRefused(new PngBytes().header(1, 1, 8, 5), "8 bits a sample of the colour type 5");
    assertRefused(new PngBytes().header(1, 1, 8, 3).chunk("IDAT", data), "palette is missing");
    assertRefused(new PngBytes().header(1, 1, 8, 0).chunk("WHAT"), "WHAT at byte 33 is unknown");
    assertRefused(new PngBytes().chunk("IHDR", new byte[5]), "IHDR chunk has 5 bytes, not 13");
    assertRefused(
        new PngBytes().header(1, 1, 8, 0).chunk("IDAT", data).chunk("tEXt").chunk("IDAT", data),
        "does not follow the others");
    byte[] header = ByteBuffer.allocate(13).putInt(1).putInt(1).put((byte) 8).array();
    header[12] = 7;
    assertRefused(new PngBytes().chunk("IHDR", header), "compression 0, filter 0, interlace 7");
  }

  private static void assertRefused(PngBytes png, String message) {
    byte[] content = png.chunk("IEND").toByteArray();
    assertThatThrownBy(() -> PngFile.check(content, "a.png"))
        .isInstanceOf(ImageException.class)
        .hasMessageStartingWith("a.png ")
        .hasMessageContaining(message);
  }
}
