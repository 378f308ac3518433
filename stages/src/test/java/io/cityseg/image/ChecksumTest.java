package io.cityseg.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import java.util.zip.Adler32;
import org.junit.jupiter.api.Test;

class ChecksumTest {
  @Test
  void adler32_whenAnyBytes_isThatOfTheJdk() {
    Random random = new Random(7);
    for (int n = 0; n < 300; n++) {
      byte[] bytes = new byte[n < 200 ? n : random.nextInt(300_000)];
      random.nextBytes(bytes);
      if (n % 3 == 0) {
        Arrays.fill(bytes, (byte) 255);
      } else if (bytes.length > 100) {
        Arrays.fill(bytes, 20, bytes.length - 30, (byte) 0);
      }
      int size = bytes.length - random.nextInt(Math.min(9, bytes.length + 1));
      Adler32 expected = new Adler32();
      expected.update(bytes, 0, size);
      assertThat(Checksum.adler32(bytes, size))
          .as("%d bytes", size)
          .isEqualTo((int) expected.getValue());
    }
  }
}
