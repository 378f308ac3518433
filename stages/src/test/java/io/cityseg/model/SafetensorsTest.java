package io.cityseg.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cityseg.stage.StageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsTest {
  private static final String TWO_FLOATS = "{'dtype':'F32','shape':[2],'data_offsets':[0,8]}";

  @TempDir Path folder;

  @Test
  void write_whenReadAgain_givesTheSameTensorsInOrder() throws Exception {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put("z.weight", Tensor.of(new float[] {1f, -0f, Float.NaN, 4f, 5f, 6f}, 2L, 3L));
    tensors.put("a.steps", Tensor.scalar(-7));
    tensors.put("empty", Tensor.of(new float[0], 0L, 5L));
    Path file = folder.resolve("some.safetensors");
    Safetensors.write(file, tensors);

    Map<String, Tensor> read = Safetensors.read(file);

    assertThat(read.keySet()).containsExactly("z.weight", "a.steps", "empty");
    assertThat(read.get("z.weight").shape()).containsExactly(2L, 3L);
    assertThat(read.get("a.steps").bytes().getLong()).isEqualTo(-7);
    assertThat(read.get("empty").byteCount()).isZero();
    for (Map.Entry<String, Tensor> tensor : tensors.entrySet()) {
      assertThat(read.get(tensor.getKey()).bytes())
          .as(tensor.getKey())
          .isEqualTo(tensor.getValue().bytes());
    }
  }

  @Test
  void write_whenTheSameTensors_givesTheseBytes() throws Exception {
    Path file = folder.resolve("some.safetensors");
    Safetensors.write(file, Map.of("a", Tensor.of(new float[] {1f, 2f}, 2L)));
    String header = "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}";
    ByteBuffer want = ByteBuffer.allocate(8 + 56 + 8).order(ByteOrder.LITTLE_ENDIAN);
    want.putLong(56)
        .put((header + " ".repeat(56 - header.length())).getBytes(StandardCharsets.UTF_8));
    want.putFloat(1f).putFloat(2f);
    assertThat(Files.readAllBytes(file)).isEqualTo(want.array());
  }

  @Test
  void read_whenAnotherProgramsMetadataIsThere_ignoresIt() throws Exception {
    Path file = file("{'__metadata__':{'format':'pt'},'a':" + TWO_FLOATS + "}  ", 8);
    assertThat(Safetensors.read(file).keySet()).containsExactly("a");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "{'a':TWO,'a':TWO} | Duplicate field",
        "[] | its header is not a JSON object",
        "{} {} | its header has more than one JSON object",
        "{'a':TWO | its header is not valid JSON",
        "{'a':1} | the header's entry 'a' is not a JSON object",
        "{'a':{'dtype':'F32','shape':[2]}} | tensor 'a' lacks dtype, shape or data_offsets",
        "{'a':{'dtype':'F33','shape':[2],'data_offsets':[0,8]}} | tensor 'a' has the unknown dtype F33",
        "{'a':{'dtype':'F32','shape':[3],'data_offsets':[0,8]}} | must span the 12 bytes of F32 [3]",
        "{'a':{'dtype':'F32','shape':[-2],'data_offsets':[0,8]}} | shape has -2",
        "{'a':{'dtype':'F32','shape':[1.5],'data_offsets':[0,8]}} | must be whole numbers",
        "{'a':{'dtype':'F32','shape':[4611686018427387904,4],'data_offsets':[0,8]}} | too large",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[8,0]}} | data_offsets 8 to 0",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[8,16]}} | ends at byte 16 of 8: the file is cut short",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[4,8]}} | begins at byte 4 (must be 0: there is a gap)",
        "{'a':TWO,'b':{'dtype':'F32','shape':[1],'data_offsets':[4,8]}} | tensor 'b' begins at byte 4 (must be 8: it overlaps another)",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]}} | it has 4 bytes after its last tensor",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8],'x':1}} | unknown field 'x'",
        "{'__metadata__':{'n':1}} | __metadata__ has a value that is not text",
      })
  void read_whenTheHeaderBreaksARule_namesFileAndTensor(String header, String problem)
      throws IOException {
    Path file = file(header.replace("TWO", TWO_FLOATS), 8);
    assertThatThrownBy(() -> Safetensors.read(file))
        .isInstanceOf(StageException.class)
        .hasMessageStartingWith("Cannot read tensors from " + file)
        .hasMessageContaining(problem);
  }

  @Test
  void read_whenTheFileIsShortOrAbsent_saysSo() throws IOException {
    Path file = folder.resolve("short.safetensors");
    assertThatThrownBy(() -> Safetensors.read(file)).hasMessageContaining("there is no such file");
    Files.write(file, new byte[] {1, 2, 3});
    assertThatThrownBy(() -> Safetensors.read(file)).hasMessageContaining("it has 3 bytes");
    Files.write(file, new byte[] {9, 0, 0, 0, 0, 0, 0, 0, '{', '}'});
    assertThatThrownBy(() -> Safetensors.read(file)).hasMessageContaining("a header of 9 bytes");
    Files.write(file, "PK\3\4 is a zip file".getBytes(StandardCharsets.UTF_8));
    assertThatThrownBy(() -> Safetensors.read(file))
        .hasMessageContaining("short.safetensors is hardly a safetensors file");
  }

  @Test
  void read_whenTheDataIsBeyondTwoGigabytes_findsTheLastTensor() throws Exception {
    long far = 3L << 30;
    long shape = 1L << 30;
    String tensors =
        "{'a':{'dtype':'U8','shape':[%1$d],'data_offsets':[0,%1$d]},"
            + "'b':{'dtype':'U8','shape':[%1$d],'data_offsets':[%1$d,%2$d]},"
            + "'c':{'dtype':'U8','shape':[%1$d],'data_offsets':[%2$d,%3$d]},"
            + "'last':{'dtype':'I64','shape':[],'data_offsets':[%3$d,%4$d]}}";
    Path file = file(tensors.formatted(shape, 2 * shape, far, far + 8), 0);
    long dataAt = Files.size(file);
    try (var channel =
        java.nio.channels.FileChannel.open(file, java.nio.file.StandardOpenOption.WRITE)) {
      ByteBuffer value = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(0, 42);
      channel.write(value, dataAt + far);
    }
    assertThat(Safetensors.read(file).get("last").bytes().getLong()).isEqualTo(42);
  }

  @Test
  void tensor_whenItsContentDoesNotFit_saysWhatItMustBe() {
    Tensor tensor = new Tensor(DType.F32, List.of(3L), () -> ByteBuffer.allocate(8));
    assertThatThrownBy(tensor::bytes)
        .hasMessage("Invalid content of a F32 tensor [3]: 8 bytes (must be 12)");
  }

  private Path file(String header, int dataBytes) throws IOException {
    byte[] json = header.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes =
        ByteBuffer.allocate(8 + json.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(json.length).put(json);
    return Files.write(folder.resolve("made.safetensors"), bytes.array());
  }
}
