package io.cityseg.model;

import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toSet;

import io.cityseg.stage.StageException;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;

/** The networks, which are torchvision's DeepLabV3 over different backbones. */
enum NetworkType {
  DEEPLABV3_RESNET50("deeplabv3_resnet50"),
  DEEPLABV3_RESNET101("deeplabv3_resnet101"),
  DEEPLABV3_MOBILENET_V3_LARGE("deeplabv3_mobilenet_v3_large");

  private final String text;

  NetworkType(String text) {
    this.text = text;
  }

  /** torchvision's name. */
  String text() {
    return text;
  }

  Backbone backbone() {
    return switch (this) {
      case DEEPLABV3_RESNET50 -> ResNet.of50();
      case DEEPLABV3_RESNET101 -> ResNet.of101();
      case DEEPLABV3_MOBILENET_V3_LARGE -> MobileNetV3.of();
    };
  }

  /**
   * The network of that name.
   *
   * @param what who names it, for the message: "init.network"
   */
  static NetworkType named(String what, String name) throws StageException {
    for (NetworkType type : values()) {
      if (type.text.equals(name)) {
        return type;
      }
    }
    throw new StageException(
        "Invalid %s: '%s' (must be one of %s)"
            .formatted(
                what, name, Arrays.stream(values()).map(NetworkType::text).collect(joining(", "))));
  }

  /**
   * The network whose tensors' names are nearest to these, if at least half of them are its own.
   * Names decide, since shapes may differ by the number of classes alone.
   */
  static Optional<NetworkType> recognised(Set<String> names) {
    NetworkType nearest = null;
    int least = Integer.MAX_VALUE;
    for (NetworkType type : values()) {
      Set<String> wanted =
          DeepLabV3.of(type, 1).tensors().stream().map(StateTensor::name).collect(toSet());
      int common = (int) names.stream().filter(wanted::contains).count();
      int different = wanted.size() + names.size() - 2 * common;
      if (2 * common >= names.size() && different < least) {
        least = different;
        nearest = type;
      }
    }
    return Optional.ofNullable(nearest);
  }
}
