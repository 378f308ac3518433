package io.cityseg.evaluate;

import static java.util.Objects.requireNonNull;

import io.cityseg.image.ImageSize;
import io.cityseg.image.PixelSize;
import io.cityseg.image.RgbImage;
import io.cityseg.proto.EvaluateConfig;
import io.cityseg.proto.Parameter;
import io.cityseg.store.ActionKeys;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * How an image is predicted at its full resolution.
 *
 * @param trainingSize what images are resized to before they are scaled; none where the network
 *     reads them at their own size
 * @param scales factors of the input's size, at least one; the probabilities are averaged
 * @param flip whether every scale is predicted on the mirrored image, too
 * @param windows how the input is cut; none where it is predicted as a whole
 */
public record FullSizeOptions(
    Optional<PixelSize> trainingSize,
    List<Double> scales,
    boolean flip,
    Optional<SlidingWindows> windows) {
  public FullSizeOptions {
    requireNonNull(trainingSize, "trainingSize");
    requireNonNull(windows, "windows");
    scales = List.copyOf(scales);
    if (scales.isEmpty() || scales.stream().anyMatch(scale -> !(scale > 0 && scale < 100))) {
      throw new IllegalArgumentException(
          "Invalid scales: " + scales + " (must be one or more factors above 0 and below 100)");
    }
  }

  /** The options of a configuration for a training size. */
  public static FullSizeOptions of(EvaluateConfig config, PixelSize trainingSize) {
    Optional<PixelSize> window = PixelSize.ofText(config.getWindow());
    return new FullSizeOptions(
        switch (config.getInput()) {
          case "training" -> Optional.of(trainingSize);
          case "original" -> Optional.empty();
          default ->
              throw new IllegalArgumentException(
                  "Invalid evaluate.input: '"
                      + config.getInput()
                      + "' (must be training or original)");
        },
        config.getScalesList(),
        config.getFlip(),
        window.map(size -> SlidingWindows.of(size, PixelSize.ofText(config.getWindowStride()))));
  }

  /**
   * Whether the input is the training size itself, seen once and whole: what the measure paper
   * predicts from, so that one forward pass serves both measures.
   */
  public boolean isPlain() {
    return trainingSize.isPresent() && scales.equals(List.of(1.0)) && !flip && windows.isEmpty();
  }

  /**
   * The input's size at a scale: {@code int(size * scale + 0.5)}, as mmcv's {@code _scale_size}
   * rounds it.
   *
   * @throws IllegalArgumentException when it would be no size of a picture
   */
  PixelSize inputSize(RgbImage image, double scale) {
    int height = trainingSize.map(PixelSize::height).orElse(image.height());
    int width = trainingSize.map(PixelSize::width).orElse(image.width());
    long scaledHeight = (long) (height * scale + 0.5);
    long scaledWidth = (long) (width * scale + 0.5);
    ImageSize.problem(scaledHeight, scaledWidth)
        .ifPresent(
            problem -> {
              throw new IllegalArgumentException(
                  "An image of %d x %d pixels at scale %s of evaluate.scales would have %s"
                      .formatted(width, height, scale, problem));
            });
    return new PixelSize((int) scaledHeight, (int) scaledWidth);
  }

  /** What of this belongs into a key. */
  List<Parameter> parameters() {
    List<Parameter> parameters = new ArrayList<>();
    parameters.add(
        ActionKeys.parameter(
            "evaluate.input", trainingSize.map(PixelSize::toString).orElse("original")));
    parameters.add(ActionKeys.parameter("evaluate.scales", scales.toString()));
    parameters.add(ActionKeys.parameter("evaluate.flip", Boolean.toString(flip)));
    windows.ifPresent(
        cut -> {
          parameters.add(ActionKeys.parameter("evaluate.window", cut.size().toString()));
          parameters.add(ActionKeys.parameter("evaluate.window_stride", cut.stride().toString()));
        });
    return parameters;
  }

  /** For people: "input 64x128 (training size), scales 0.5, 1, mirrored too, whole images". */
  String inWords() {
    List<String> words = new ArrayList<>();
    words.add(
        trainingSize
            .map(size -> "input " + size + " (training size)")
            .orElse("input at the images' own size"));
    if (!scales.equals(List.of(1.0))) {
      words.add(
          "scales "
              + scales.stream()
                  .map(scale -> Double.toString(scale).replaceFirst("\\.0$", ""))
                  .collect(Collectors.joining(" ")));
    }
    if (flip) {
      words.add("mirrored too");
    }
    words.add(
        windows
            .map(cut -> "windows of " + cut.size() + " every " + cut.stride())
            .orElse("whole images"));
    return String.join(", ", words);
  }
}
