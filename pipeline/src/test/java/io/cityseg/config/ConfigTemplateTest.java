package io.cityseg.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ConfigTemplateTest {
  @TempDir Path folder;

  static List<String> presets() {
    return Presets.names();
  }

  @ParameterizedTest
  @MethodSource("presets")
  void text_whenLoadedOverAnyPreset_isThePresetsConfiguration(String preset) throws Exception {
    Files.createFile(folder.resolve("deeplabv3_resnet50_coco-cd0a2569.pth"));
    Path file = Files.writeString(folder.resolve("cityseg.yaml"), ConfigTemplate.text(preset));

    for (String other : Presets.names()) {
      assertThat(ConfigLoader.resolve(other, Optional.of(file), List.of(), folder))
          .isEqualTo(ConfigLoader.resolve(preset, Optional.empty(), List.of(), folder));
    }
  }

  @ParameterizedTest
  @MethodSource("presets")
  void text_ofAnyPreset_hasEveryParameterOnceWithItsRule(String preset) throws Exception {
    String text = ConfigTemplate.text(preset);

    for (ConfigParameter parameter : ConfigSchema.parameters()) {
      assertThat(text).contains("Must be " + firstWords(parameter.requirement()));
      assertThat(text).contains("\n  " + parameter.field().getName() + ": ");
    }
    assertThat(text.lines()).allMatch(line -> line.length() <= 100 || !line.contains("#"));
  }

  @Test
  void text_ofQuickstart_readsLikeThis() throws Exception {
    assertThat(ConfigTemplate.text("quickstart"))
        .startsWith(
            "# The configuration of a cityseg run, with the values of preset 'quickstart'.\n")
        .contains(
            """

            train:
              # Passes over the training split. Raising it continues from the last finished epoch.
              # Must be a whole number from 1 to 10000 (epochs). Default: 20.
              epochs: 8
            """)
        .contains("  epsilon: 1e-8\n")
        .contains("  labels: auto\n")
        .contains("  paths: []\n")
        .contains("  scales: [1]\n")
        .contains("  flip: false\n")
        .contains("  window: \"\"\n")
        .contains("  title: \"DeepLabV3 on Cityscapes\"\n");
  }

  @Test
  void text_whenThePresetIsUnknown_fails() {
    assertThatThrownBy(() -> ConfigTemplate.text("papers"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("did you mean 'paper'?");
  }

  private static String firstWords(String requirement) {
    return requirement.substring(0, Math.min(10, requirement.length()));
  }
}
