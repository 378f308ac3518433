package io.cityseg.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ClassWeightsTest {
  @Test
  void of_none_countsEveryPixelAndIgnoresVoidWhenAsked() {
    byte[] targets = {0, 18, 19, 19};
    assertThat(ClassWeights.of("none", false, List.of()).total(targets)).isEqualTo(4);
    assertThat(ClassWeights.of("none", false, List.of()).areEqual()).isTrue();
    assertThat(ClassWeights.of("none", true, List.of()).total(targets)).isEqualTo(2);
  }

  @Test
  void of_numbers_areTheClassesWeights() {
    List<String> numbers = new ArrayList<>(Collections.nCopies(20, "1"));
    numbers.set(3, "0.25");
    String text = numbers.stream().collect(Collectors.joining(", "));
    assertThat(ClassWeights.problem(text)).isEmpty();
    assertThat(ClassWeights.of(text, false, List.of()).total(new byte[] {3, 3, 19})).isEqualTo(1.5);
    assertThat(ClassWeights.of(text, true, List.of()).total(new byte[] {3, 3, 19})).isEqualTo(0.5);
  }

  @Test
  void of_inverseLogFrequency_isEnetsFormulaOverTheCountedPixels() {
    List<Long> pixels = new ArrayList<>(Collections.nCopies(20, 0L));
    pixels.set(0, 75L);
    pixels.set(1, 25L);
    pixels.set(19, 100L);
    PixelWeights all = ClassWeights.of("inverse_log_frequency", false, pixels);
    assertThat(all.total(new byte[] {0})).isCloseTo(1 / Math.log(1.02 + 0.375), within(1e-6));
    PixelWeights counted = ClassWeights.of("inverse_log_frequency", true, pixels);
    assertThat(counted.total(new byte[] {0})).isCloseTo(1 / Math.log(1.02 + 0.75), within(1e-6));
    assertThat(counted.total(new byte[] {2})).isCloseTo(1 / Math.log(1.02), within(1e-5));
    assertThat(counted.total(new byte[] {19})).isZero();
  }

  @Test
  void problem_ofAnythingElse_saysWhatMayBe() {
    for (String text : List.of("", "1,2,3", "nan," + "1,".repeat(18) + "1", "-1", "inverse")) {
      assertThat(ClassWeights.problem(text))
          .as(text)
          .hasValueSatisfying(problem -> assertThat(problem).contains("20 numbers with commas"));
    }
  }

  @Test
  void total_whenATargetIsNoClass_isNotANumber() {
    assertThat(PixelWeights.equal(5).total(new byte[] {5})).isNaN();
  }
}
