package io.cityseg.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class DeepLabV3Test {
  /** names.csv: the state dict of torchvision 0.29.2, made by the model oracle's make_names.py. */
  @Test
  void tensors_whenTwentyClasses_areTorchvisionsInItsOrder() throws IOException {
    List<String> want;
    try (BufferedReader in =
        new BufferedReader(
            new InputStreamReader(
                DeepLabV3Test.class.getResourceAsStream("names.csv"), StandardCharsets.UTF_8))) {
      want = in.lines().skip(1).toList();
    }
    assertThat(DeepLabV3.of(20).tensors().stream().map(DeepLabV3Test::line).toList())
        .isEqualTo(want);
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
