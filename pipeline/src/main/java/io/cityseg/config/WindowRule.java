package io.cityseg.config;

import io.cityseg.image.PixelSize;
import java.util.Optional;

/** What the schema cannot say of two parameters: windows must leave no gap between them. */
final class WindowRule {
  private static final ConfigParameter WINDOW = ConfigSchema.find("evaluate.window").orElseThrow();
  private static final ConfigParameter STRIDE =
      ConfigSchema.find("evaluate.window_stride").orElseThrow();

  private WindowRule() {}

  /** Adds a problem when the stride does not fit the window. */
  static void check(ConfigLayers layers) {
    Optional<ConfigLayers.Value> stride = layers.value(STRIDE);
    Optional<PixelSize> step = stride.flatMap(WindowRule::size);
    Optional<PixelSize> window = layers.value(WINDOW).flatMap(WindowRule::size);
    if (step.isEmpty()) {
      return;
    }
    if (window.isEmpty()) {
      layers.addProblem(
          "Invalid %s: '%s' in %s (must be empty without %s)"
              .formatted(STRIDE.path(), step.get(), stride.get().origin(), WINDOW.path()));
    } else if (step.get().height() > window.get().height()
        || step.get().width() > window.get().width()) {
      layers.addProblem(
          "Invalid %s: '%s' in %s (must be at most %s, %s: pixels between windows would have no prediction)"
              .formatted(
                  STRIDE.path(), step.get(), stride.get().origin(), WINDOW.path(), window.get()));
    }
  }

  private static Optional<PixelSize> size(ConfigLayers.Value value) {
    return PixelSize.ofText((String) value.value());
  }
}
