package io.cityseg.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Random;
import java.util.zip.Inflater;
import org.junit.jupiter.api.Test;

class RunDeflaterTest {
  /** All lengths of runs, at and around where one run becomes two. */
  @Test
  void deflate_whenRunsOfAnyLength_isInflatedByZlib() throws Exception {
    for (int length = 0; length < 800; length++) {
      byte[] content = new byte[length + 2];
      Arrays.fill(content, 1, length + 1, (byte) 7);
      assertInflated(content);
      assertInflated(new byte[length]);
    }
  }

  @Test
  void deflate_whenAnyContent_isInflatedByZlib() throws Exception {
    Random random = new Random(1);
    for (int n = 0; n < 300; n++) {
      byte[] content = new byte[random.nextInt(n < 290 ? 5000 : 400_000)];
      int values = 1 + random.nextInt(256);
      double repeated = random.nextDouble();
      for (int i = 1; i < content.length; i++) {
        content[i] =
            random.nextDouble() < repeated ? content[i - 1] : (byte) random.nextInt(values);
      }
      assertInflated(content);
    }
  }

  /** Frequencies like Fibonacci's numbers give the longest codes. */
  @Test
  void deflate_whenBestCodeWouldBeTooLong_takesAShorterOne() throws Exception {
    byte[] content = new byte[46_367];
    int at = 0;
    int before = 1;
    int frequency = 1;
    for (int value = 0; at < content.length; value++) {
      for (int i = 0; i < frequency && at < content.length; i++) {
        content[at++] = (byte) value;
      }
      int next = before + frequency;
      before = frequency;
      frequency = next;
    }
    Random random = new Random(2);
    for (int i = content.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      byte swap = content[i];
      content[i] = content[j];
      content[j] = swap;
    }
    assertInflated(content);
  }

  @Test
  void of_whenOneSymbol_refusesIt() {
    assertThatThrownBy(() -> PrefixCode.of(new int[] {0, 3}, 15))
        .hasMessage("Invalid code: 1 symbols (must be 2 or more)");
  }

  private static void assertInflated(byte[] content) throws Exception {
    Inflater inflater = new Inflater();
    inflater.setInput(RunDeflater.deflate(content));
    byte[] inflated = new byte[content.length + 1];
    int length = inflater.inflate(inflated);
    assertThat(inflater.finished()).isTrue();
    assertThat(inflater.getRemaining()).isZero();
    assertThat(Arrays.copyOf(inflated, length)).isEqualTo(content);
    inflater.end();
  }
}
