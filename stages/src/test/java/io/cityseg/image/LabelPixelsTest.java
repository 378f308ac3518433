package io.cityseg.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

/** Pictures whose pixels are numbers: 16-bit grey, and indices into a palette. */
class LabelPixelsTest {
  private static final Grey16Image NUMBERS =
      new Grey16Image(2, 2, new short[] {0, 26_001, (short) 65_535, 255});

  @Test
  void encodePng_when16Bit_isReadBackByUsAndByTheJdk() throws Exception {
    byte[] png = ImageCodec.encodePng(NUMBERS);
    assertThat(ImageCodec.decodeGrey16(png, "a.png")).isEqualTo(NUMBERS);
    var raster = ImageIO.read(new ByteArrayInputStream(png)).getRaster();
    assertThat(raster.getPixels(0, 0, 2, 2, (int[]) null)).containsExactly(0, 26_001, 65_535, 255);
  }

  @Test
  void decodeGrey16_when8Bit_refusesIt() {
    byte[] png = ImageCodec.encodePng(new GreyImage(1, 1, new byte[] {7}));
    assertThatThrownBy(() -> ImageCodec.decodeGrey16(png, "a.png"))
        .isInstanceOf(ImageException.class)
        .hasMessage("a.png holds 8-bit grey pixels; 16-bit grey is needed, so convert it");
  }

  @Test
  void decodeIndices_whenPalette_givesIndicesAndNoColours() throws Exception {
    byte[] red = new byte[256];
    red[7] = (byte) 128;
    var model = new IndexColorModel(8, 256, red, new byte[256], red);
    var image = new BufferedImage(3, 1, BufferedImage.TYPE_BYTE_INDEXED, model);
    image.getRaster().setPixels(0, 0, 3, 1, new int[] {7, 33, 255});
    assertThat(ImageCodec.decodeIndices(png(image), "a.png"))
        .isEqualTo(new GreyImage(1, 3, new byte[] {7, 33, -1}));
  }

  @Test
  void decodeIndices_whenOfOtherKinds_refusesThem() throws Exception {
    byte[] color = ImageCodec.encodePng(new RgbImage(1, 1, new byte[3]));
    assertThatThrownBy(() -> ImageCodec.decodeIndices(color, "a.png"))
        .hasMessage("a.png holds 8-bit RGB pixels; 8-bit grey is needed, so convert it");
    assertThatThrownBy(() -> ImageCodec.decodeIndices(ImageCodec.encodePng(NUMBERS), "a.png"))
        .hasMessage("a.png holds 16-bit grey pixels; 8-bit grey is needed, so convert it");
    byte[] bits = png(new BufferedImage(8, 1, BufferedImage.TYPE_BYTE_BINARY));
    assertThatThrownBy(() -> ImageCodec.decodeIndices(bits, "a.png"))
        .hasMessageContaining("a.png holds 1-bit");
  }

  @Test
  void encodeOpaquePng_always_hasAnAlphaOf255() throws Exception {
    byte[] png = ImageCodec.encodeOpaquePng(new RgbImage(1, 1, new byte[] {1, 2, 3}));
    var raster = ImageIO.read(new ByteArrayInputStream(png)).getRaster();
    assertThat(raster.getPixels(0, 0, 1, 1, (int[]) null)).containsExactly(1, 2, 3, 255);
  }

  private static byte[] png(BufferedImage image) throws IOException {
    var out = new ByteArrayOutputStream();
    ImageIO.write(image, "png", out);
    return out.toByteArray();
  }
}
