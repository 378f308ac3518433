package io.cityseg.scenes;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class SceneOptionsTest {
  @Test
  void new_whenHeightIsTooSmall_namesTheValueAndTheRange() {
    assertThatThrownBy(() -> new SceneOptions(1, 1, 0, 16, 64))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid height: 16 (must be 32..4096)");
  }

  @Test
  void new_whenThereIsNoValidationScene_refuses() {
    assertThatThrownBy(() -> new SceneOptions(1, 0, 0, 64, 64))
        .hasMessage("Invalid number of validation scenes: 0 (must be 1..100000)");
  }
}
