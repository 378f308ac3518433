package io.cityseg.image;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Every case of the resize oracle: OpenCV 5.0.0 and Albumentations 2.0.8. */
class ResizeOracleTest {
  private final ObjectMapper mapper = new ObjectMapper();

  @Test
  void resize_whenSmallCaseOfTheOracle_givesItsBytes() throws Exception {
    Path folder = Oracle.folder("resize");
    Map<String, byte[]> files = Oracle.entries(folder.resolve("small.zip"));
    for (String line : Files.readAllLines(folder.resolve("small.jsonl"))) {
      JsonNode node = mapper.readTree(line);
      String name = node.get("input").textValue();
      byte[] input = files.get(name);
      byte[] output = files.get(node.get("output").textValue());
      int width = node.get("to").get(0).intValue();
      int height = node.get("to").get(1).intValue();
      if (node.get("kind").textValue().equals("linear")) {
        assertThat(Resize.bilinear(ImageCodec.decodeRgb(input, name), height, width))
            .as(name)
            .isEqualTo(ImageCodec.decodeRgb(output, name));
      } else {
        assertThat(Resize.nearest(ImageCodec.decodeGrey(input, name), height, width))
            .as(name)
            .isEqualTo(ImageCodec.decodeGrey(output, name));
      }
    }
  }

  @Test
  void resize_whenLargeCaseOfTheOracle_givesItsBytes() throws Exception {
    for (String line : Files.readAllLines(Oracle.folder("resize").resolve("large.jsonl"))) {
      JsonNode node = mapper.readTree(line);
      int channels = node.get("channels").intValue();
      int fromWidth = node.get("from").get(0).intValue();
      int fromHeight = node.get("from").get(1).intValue();
      int width = node.get("to").get(0).intValue();
      int height = node.get("to").get(1).intValue();
      byte[] input = input(fromHeight, fromWidth, channels, node.get("formulaSeed").intValue());
      assertThat(sha256(input)).isEqualTo(node.get("inputSha256").textValue());
      byte[] output =
          channels == 3
              ? Resize.bilinear(new RgbImage(fromHeight, fromWidth, input), height, width).pixels()
              : Resize.nearest(new GreyImage(fromHeight, fromWidth, input), height, width).pixels();
      assertThat(sha256(output))
          .as("%s %s to %s", node.get("kind"), node.get("from"), node.get("to"))
          .isEqualTo(node.get("outputSha256").textValue());
    }
  }

  /** The input's formula, from the oracle's README. */
  private static byte[] input(int height, int width, int channels, int seed) {
    byte[] pixels = new byte[height * width * channels];
    for (int y = 0, i = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        for (int c = 0; c < channels; c++, i++) {
          int h = (x * 73856093) ^ (y * 19349663) ^ ((c + seed) * 83492791);
          h ^= h >>> 13;
          h *= 0x5bd1e995;
          h ^= h >>> 15;
          int smooth = ((x * (c + 5) + y * (9 - c)) >> 3) + ((x * y) >> 9);
          pixels[i] = (byte) ((((x >> 5) + (y >> 5)) & 1) == 1 ? h : smooth);
        }
      }
    }
    return pixels;
  }

  private static String sha256(byte[] bytes) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }
}
