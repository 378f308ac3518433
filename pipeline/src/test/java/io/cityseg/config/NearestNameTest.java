package io.cityseg.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NearestNameTest {
  @ParameterizedTest
  @CsvSource({
    "'', '', 0",
    "a, '', 1",
    "'', ab, 2",
    "kitten, sitting, 3",
    "epoch, epochs, 1",
    "ab, ba, 1"
  })
  void distance_ofTwoTexts_countsEdits(String from, String to, int distance) {
    assertThat(NearestName.distance(from, to)).isEqualTo(distance);
    assertThat(NearestName.distance(to, from)).isEqualTo(distance);
  }

  @Test
  void of_whenANameIsNear_isTheNearestWhateverTheOrder() {
    assertThat(NearestName.of("widht", List.of("height", "width"))).hasValue("width");
    assertThat(NearestName.of("beta", List.of("beta2", "beta1"))).hasValue("beta1");
    assertThat(NearestName.of("EPOCHS", List.of("seed", "epochs"))).hasValue("epochs");
  }

  @Test
  void of_whenNoneIsNear_isEmpty() {
    assertThat(NearestName.of("colour", List.of("height", "width"))).isEmpty();
    assertThat(NearestName.of("colour", List.of())).isEmpty();
  }
}
