package io.cityseg.model;

import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class DeepLabV3Test {
  /** names*.csv: the state dicts of torchvision 0.29.2. */
  @ParameterizedTest
  @CsvSource({
    "DEEPLABV3_RESNET50, names.csv",
    "DEEPLABV3_RESNET101, names_resnet101.csv",
    "DEEPLABV3_MOBILENET_V3_LARGE, names_mobilenet_v3_large.csv"
  })
  void tensors_whenTwentyClasses_areTorchvisionsInItsOrder(NetworkType type, String names)
      throws IOException {
    List<String> want;
    try (BufferedReader in =
        new BufferedReader(
            new InputStreamReader(
                DeepLabV3Test.class.getResourceAsStream(names), StandardCharsets.UTF_8))) {
      want = in.lines().skip(1).toList();
    }
    assertThat(DeepLabV3.of(type, 20).tensors().stream().map(DeepLabV3Test::line).toList())
        .isEqualTo(want);
  }

  @ParameterizedTest
  @EnumSource
  void recognised_whenTheNamesAreANetworks_isThatNetwork(NetworkType type) {
    Set<String> names =
        DeepLabV3.of(type, 20).tensors().stream().map(StateTensor::name).collect(toSet());
    assertThat(NetworkType.recognised(names)).contains(type);
    assertThat(NetworkType.recognised(Set.of("fc.weight", "fc.bias"))).isEmpty();
  }

  @Test
  void tensors_whenTwentyOneClasses_haveTorchvisionsNumberOfParameters() {
    assertThat(
            DeepLabV3.of(21).tensors().stream()
                .filter(StateTensor::trainable)
                .mapToLong(tensor -> Tensor.byteCount(tensor.dtype(), tensor.shape()) / 4)
                .sum())
        .isEqualTo(42_004_074);
  }

  private static String line(StateTensor tensor) {
    String shape =
        tensor.shape().isEmpty()
            ? "scalar"
            : tensor.shape().stream().map(String::valueOf).collect(Collectors.joining("x"));
    return String.join(
        ",",
        tensor.name(),
        shape,
        tensor.dtype() == DType.F32 ? "float32" : "int64",
        tensor.trainable() ? "parameter" : "buffer",
        String.valueOf(Tensor.byteCount(tensor.dtype(), tensor.shape()) / tensor.dtype().bytes()));
  }
}
