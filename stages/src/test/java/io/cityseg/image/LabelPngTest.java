package io.cityseg.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

/** Pictures whose pixels are numbers: 16-bit grey, and indices into a palette. */
class LabelPngTest {
  private static final Grey16Image NUMBERS =
      new Grey16Image(2, 2, new short[] {0, 26_001, (short) 65_535, 255});

  @Test
  void encode_when16Bit_isReadBackByUsAndByTheJdk() throws Exception {
    byte[] png = LabelPng.encode(NUMBERS);
    assertThat(LabelPng.decode16(png, "a.png")).isEqualTo(NUMBERS);
    var raster = ImageIO.read(new ByteArrayInputStream(png)).getRaster();
    assertThat(raster.getPixels(0, 0, 2, 2, (int[]) null)).containsExactly(0, 26_001, 65_535, 255);
  }

  @Test
  void decode16_when8Bit_refusesIt() {
    byte[] png = LabelPng.encode(new GreyImage(1, 1, new byte[] {7}));
    assertThatThrownBy(() -> LabelPng.decode16(png, "a.png"))
        .isInstanceOf(ImageException.class)
        .hasMessage("a.png holds 8-bit grey pixels; 16-bit grey is needed, so convert it");
  }

  @Test
  void decode_whenPalette_givesIndicesAndNoColours() throws Exception {
    byte[] red = new byte[256];
    red[7] = (byte) 128;
    var model = new IndexColorModel(8, 256, red, new byte[256], red);
    var image = new BufferedImage(3, 1, BufferedImage.TYPE_BYTE_INDEXED, model);
    image.getRaster().setPixels(0, 0, 3, 1, new int[] {7, 33, 255});
    assertThat(LabelPng.decode(png(image), "a.png"))
        .isEqualTo(new GreyImage(1, 3, new byte[] {7, 33, -1}));
  }

  @Test
  void decode_whenOfOtherKinds_refusesThem() throws Exception {
    byte[] color = ImageCodec.encodePng(new RgbImage(1, 1, new byte[3]));
    assertThatThrownBy(() -> LabelPng.decode(color, "a.png"))
        .hasMessage("a.png holds 8-bit RGB pixels; 8-bit grey is needed, so convert it");
    assertThatThrownBy(() -> LabelPng.decode(LabelPng.encode(NUMBERS), "a.png"))
        .hasMessage("a.png holds 16-bit grey pixels; 8-bit grey is needed, so convert it");
    byte[] bits = png(new BufferedImage(8, 1, BufferedImage.TYPE_BYTE_BINARY));
    assertThatThrownBy(() -> LabelPng.decode(bits, "a.png"))
        .hasMessageContaining("a.png holds 1-bit");
  }

  /** What decoders inflate for nothing is left alone; seven passes are refused. */
  @Test
  void decode_whenTextIsABombOrRowsAreInterlaced_takesTheOneAndRefusesTheOther() throws Exception {
    byte[] bomb = PngBytes.bombInside(1, 1);
    assertThat(PngFile.check(bomb, "a.png")).isEqualTo(new PngHeader(1, 1, 8, ColorType.GREY));
    assertThatThrownBy(() -> LabelPng.decode(bomb, "a.png"))
        .hasMessageContaining("does not end after 2 bytes");
    byte[] interlaced =
        new PngBytes()
            .chunk("IHDR", new byte[] {0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 1})
            .chunk("IDAT", PngBytes.deflate(new byte[2]))
            .chunk("IEND")
            .toByteArray();
    assertThatThrownBy(() -> LabelPng.decode(interlaced, "a.png"))
        .hasMessage("a.png is interlaced; write it again without");
  }

  @Test
  void encode_whenColours_hasAnAlphaOf255() throws Exception {
    byte[] png = LabelPng.encode(new RgbImage(1, 1, new byte[] {1, 2, 3}));
    var raster = ImageIO.read(new ByteArrayInputStream(png)).getRaster();
    assertThat(raster.getPixels(0, 0, 1, 1, (int[]) null)).containsExactly(1, 2, 3, 255);
  }

  /** Noise is where libpng uses all the filters; 5 x 7 pixels begin and end in mid-row. */
  @Test
  void decode_whenOpenCvWroteIt_givesThePixels() throws Exception {
    Random random = new Random(4);
    for (int[] size : new int[][] {{1, 1}, {5, 7}, {60, 131}}) {
      byte[] pixels = new byte[size[0] * size[1]];
      for (int i = 0; i < pixels.length; i++) {
        pixels[i] = (byte) (i % 64 + random.nextInt(6));
      }
      var image = new GreyImage(size[0], size[1], pixels);
      assertThat(LabelPng.decode(ImageCodec.encodePng(image), "a.png")).isEqualTo(image);
      assertThat(ImageCodec.decodeGrey(LabelPng.encode(image), "a.png")).isEqualTo(image);
    }
  }

  /** The five filters by hand, on 16 bits: pixels of two bytes reach back two bytes. */
  @Test
  void decode16_whenRowsAreFiltered_undoesEveryFilter() throws Exception {
    byte[] rows = {
      0, 1, 2, 3, 4, // 0102 0304
      1, 1, 1, 1, 1, // 0101 0202
      2, 1, 0, 0, 1, // 0201 0203
      3, 1, 1, 1, 1, // 1+2/2 1+1/2, 1+(2+2)/2 1+(1+3)/2
      4, 1, 1, 1, 1, // 1+2 1+1, 1+3 1+3
    };
    byte[] png =
        new PngBytes()
            .header(2, 5, 16, 0)
            .chunk("IDAT", PngBytes.deflate(rows))
            .chunk("IEND")
            .toByteArray();
    assertThat(LabelPng.decode16(png, "a.png").pixels())
        .containsExactly(
            (short) 0x0102,
            (short) 0x0304,
            (short) 0x0101,
            (short) 0x0202,
            (short) 0x0201,
            (short) 0x0203,
            (short) 0x0201,
            (short) 0x0303,
            (short) 0x0302,
            (short) 0x0404);
  }

  @Test
  void decode_whenDataIsDamaged_namesTheFile() {
    byte[] rows = {0, 7, 0, 7};
    byte[] sound = PngBytes.deflate(rows);
    byte[] checksum = sound.clone();
    checksum[checksum.length - 1]++;
    assertDamaged(checksum, "cannot be decoded (incorrect data check)");
    assertDamaged(Arrays.copyOf(sound, sound.length - 5), "does not end after 4 bytes");
    assertDamaged(PngBytes.deflate(new byte[] {0, 7}), "does not end after 4 bytes");
    assertDamaged(PngBytes.deflate(new byte[] {0, 7, 0, 7, 0}), "does not end after 4 bytes");
    assertDamaged(PngBytes.deflate(new byte[] {0, 7, 5, 7}), "row 1 has the filter 5");
    assertDamaged(new byte[] {1, 2, 3}, "cannot be decoded");
    byte[] withDictionary = {0x78, (byte) 0xbb, 0, 0, 0, 1};
    assertDamaged(withDictionary, "cannot be decoded (it needs a dictionary, which PNG has not)");
  }

  private static void assertDamaged(byte[] data, String problem) {
    byte[] png = new PngBytes().header(1, 2, 8, 0).chunk("IDAT", data).chunk("IEND").toByteArray();
    assertThatThrownBy(() -> LabelPng.decode(png, "a.png"))
        .isInstanceOf(ImageException.class)
        .hasMessageStartingWith("a.png is damaged: ")
        .hasMessageContaining(problem);
  }

  private static byte[] png(BufferedImage image) throws IOException {
    var out = new ByteArrayOutputStream();
    ImageIO.write(image, "png", out);
    return out.toByteArray();
  }
}
