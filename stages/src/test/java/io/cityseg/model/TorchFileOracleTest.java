package io.cityseg.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cityseg.stage.StageException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Files that torch 2.15 wrote, and such that must be refused: the model oracle's folder pth. */
class TorchFileOracleTest {
  @TestFactory
  Stream<DynamicTest> read_whenTorchReadsIt_givesEveryBit() throws Exception {
    return cases("read", (file, expected) -> assertEntries(file, expected));
  }

  @TestFactory
  Stream<DynamicTest> read_whenItMustBeRefused_namesTheFile() throws Exception {
    return cases("refuse", (file, expected) -> assertRefused(file));
  }

  @TestFactory
  Stream<DynamicTest> read_whenEitherIsFine_isNeverSilentlyWrong() throws Exception {
    return cases(
        "either",
        (file, expected) -> {
          List<String> read = List.of("parameter.pth", "nested_checkpoint.pth", "big_endian.pth");
          if (read.contains(file.getFileName().toString())) {
            assertEntries(file, expected.get("entries_if_read"));
          } else {
            assertRefused(file);
          }
        });
  }

  @FunctionalInterface
  private interface Check {
    void run(Path file, JsonNode expected) throws Exception;
  }

  private static Stream<DynamicTest> cases(String group, Check check) throws Exception {
    Path folder = Oracle.folder("model").resolve("pth");
    JsonNode files =
        new ObjectMapper().readTree(folder.resolve("expected.json").toFile()).get(group);
    List<DynamicTest> tests = new ArrayList<>();
    for (Map.Entry<String, JsonNode> file : files.properties()) {
      tests.add(
          DynamicTest.dynamicTest(
              file.getKey(), () -> check.run(folder.resolve(file.getKey()), file.getValue())));
    }
    assertThat(tests).isNotEmpty();
    return tests.stream();
  }

  private static void assertRefused(Path file) {
    assertThatThrownBy(() -> WeightsFile.read(file))
        .isInstanceOf(StageException.class)
        .hasMessageStartingWith("Cannot read tensors from " + file + ": ");
  }

  private static void assertEntries(Path file, JsonNode entries) throws StageException {
    Map<String, Tensor> tensors = WeightsFile.read(file);
    SoftAssertions soft = new SoftAssertions();
    List<String> names = new ArrayList<>();
    for (JsonNode entry : entries) {
      String name = entry.get("name").asText();
      names.add(name);
      Tensor tensor = tensors.get(name);
      List<Long> shape = new ArrayList<>();
      entry.get("shape").forEach(size -> shape.add(size.asLong()));
      soft.assertThat(tensor.shape()).as(name).isEqualTo(shape);
      List<String> want = new ArrayList<>();
      entry.get("values").forEach(value -> want.add(text(tensor.dtype(), value.asText())));
      List<String> got = new ArrayList<>();
      for (ByteBuffer bytes = tensor.bytes(); bytes.hasRemaining(); ) {
        got.add(next(tensor.dtype(), bytes));
      }
      soft.assertThat(got).as(name + " " + entry.get("dtype").asText()).isEqualTo(want);
    }
    soft.assertThat(tensors.keySet()).containsExactlyElementsOf(names);
    soft.assertAll();
  }

  /** A value of the expectations as {@link #next} gives it. */
  private static String text(DType dtype, String value) {
    String java = value.replace("inf", "Infinity").replace("nan", "NaN");
    return switch (dtype) {
      case F32, F16, BF16 -> String.valueOf(Float.parseFloat(java));
      case F64 -> String.valueOf(Double.parseDouble(java));
      default -> value;
    };
  }

  private static String next(DType dtype, ByteBuffer bytes) {
    return switch (dtype) {
      case F32 -> String.valueOf(bytes.getFloat());
      case F64 -> String.valueOf(bytes.getDouble());
      case F16 -> String.valueOf(half(bytes.getShort()));
      case BF16 -> String.valueOf(Float.intBitsToFloat(bytes.getShort() << 16));
      case I64 -> String.valueOf(bytes.getLong());
      case I32 -> String.valueOf(bytes.getInt());
      case I16 -> String.valueOf(bytes.getShort());
      case I8 -> String.valueOf(bytes.get());
      case U8 -> String.valueOf(bytes.get() & 0xFF);
      case BOOL -> String.valueOf(bytes.get() == 1);
      default -> throw new IllegalArgumentException(dtype.toString());
    };
  }

  /** A normal float16; the expectations have no other. */
  private static float half(short bits) {
    int exponent = (bits >> 10) & 31;
    float mantissa = 1 + (bits & 1023) / 1024f;
    return (bits < 0 ? -1 : 1) * Math.scalb(mantissa, exponent - 15);
  }
}
