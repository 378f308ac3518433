package io.cityseg.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cityseg.stage.StageException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files made by hand; those that torch made are in {@link TorchFileOracleTest}. */
class TorchFileTest {
  /** A storage of two floats, as the persistent identifier that torch gives it. */
  private static final String STORAGE =
      "(X\7\0\0\0storagectorch\nFloatStorage\nX\1\0\0\0000X\3\0\0\0cpuK\2tQ";

  private static final String TENSOR =
      "ctorch._utils\n_rebuild_tensor_v2\n(" + STORAGE + "K\0K\2\u0085K\1\u0085\u0089}tR";

  private static final byte[] FLOATS = {0, 0, (byte) 0x80, 0x3F, 0, 0, 0, 0x40};

  @TempDir Path folder;

  @Test
  void read_whenWritten_givesTheSameTensors() throws Exception {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put("conv.weight", Tensor.of(new float[] {1, -2, Float.NaN, 4, 5, 6}, 2L, 3L, 1L));
    tensors.put("bn.num_batches_tracked", Tensor.scalar(1L << 40));
    tensors.put("empty", Tensor.of(new float[0], 0L, 3L));
    Path file = folder.resolve("written.pth");
    TorchFileWriter.write(file, tensors);
    byte[] bytes = Files.readAllBytes(file);

    Map<String, Tensor> read = WeightsFile.read(file);

    assertThat(read.keySet()).containsExactlyElementsOf(tensors.keySet());
    tensors.forEach(
        (name, tensor) -> {
          assertThat(read.get(name).shape()).isEqualTo(tensor.shape());
          assertThat(read.get(name).dtype()).isEqualTo(tensor.dtype());
          assertThat(read.get(name).bytes()).isEqualTo(tensor.bytes());
        });
    Path again = folder.resolve("again.pth");
    TorchFileWriter.write(again, read);
    assertThat(Files.readAllBytes(again)).as("written again").isEqualTo(bytes);
  }

  @Test
  void read_whenItIsACheckpoint_givesItsStateDict() throws Exception {
    for (String key : List.of("state_dict", "model_state_dict", "model")) {
      String model = "X" + (char) key.length() + "\0\0\0" + key + "}X\1\0\0\0a" + TENSOR + "s";
      Map<String, Tensor> read =
          read("\u0080\2}(X\5\0\0\0epochK\3X\4\0\0\0loss]G?\0\0\0\0\0\0\0a" + model + "u.");
      assertThat(read).containsOnlyKeys("a");
      assertThat(read.get("a").bytes()).isEqualTo(ByteBuffer.wrap(FLOATS));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "os, system",
    "builtins, eval",
    "__builtin__, eval",
    "_codecs, encode",
    "builtins, bytearray",
    "torch.hub, load",
    "torch, load",
    "torch.storage, _load_from_bytes",
    "torch._utils, _rebuild_sparse_tensor",
    "numpy.core.multiarray, _reconstruct",
    "argparse, Namespace",
    "collections, OrderedDict.__reduce__",
    "torch, FloatStorage.from_file",
  })
  void read_whenItNamesAnythingElse_refusesItByName(String module, String name) {
    String twoLines = module + "\n" + name + "\n";
    String texts =
        "X"
            + (char) module.length()
            + "\0\0\0"
            + module
            + "X"
            + (char) name.length()
            + "\0\0\0"
            + name;
    for (String pickle :
        List.of(
            "\u0080\2c" + twoLines + "X\1\0\0\0a\u0085R.",
            "\u0080\2}X\1\0\0\0a(X\1\0\0\0xi" + twoLines + "s.",
            "\u0080\2(c" + twoLines + "X\1\0\0\0xo.",
            "\u0080\2c" + twoLines + ")\u0081.",
            "\u0080\4" + texts + "\u0093X\1\0\0\0a\u0085R.")) {
      assertThatThrownBy(() -> read(pickle))
          .isInstanceOf(StageException.class)
          .hasMessageStartingWith("Cannot read tensors from " + folder)
          .hasMessageContaining("uses " + module + "." + name + ", which is not on the list")
          .hasMessageContaining("nothing of it was executed");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\u0080\2.",
        "\u0080\2}",
        "\u0080\2}X\u00ff\u00ff\u00ff\u00ffa.",
        "\u0080\2h\7.",
        "\u0080\2tttt.",
        "\u0080\2))0.",
        "\u0080\2]]a.",
        "\u0080\2}])}s.",
        "\u0080\2}(K\1s.",
        "\u0080\2}X\1\0\0\0aX\1\0\0\0as.",
        "\u0080\2ccollections\nOrderedDict\n)R}b}}.",
        "\u0080\u0009}.",
        "\u0080\2}q\0X\1\0\0\0ah\0s.",
        "\u0080\2P1\n.",
        "\u0080\2]q\0h\0a.",
      })
  void read_whenThePickleIsNoStateDict_refuses(String pickle) {
    assertThatThrownBy(() -> read(pickle))
        .isInstanceOf(StageException.class)
        .hasMessageStartingWith("Cannot read tensors from " + folder);
  }

  @Test
  void read_whenThePickleOnlyMakesObjects_refusesBeforeTheyFillTheHeap() {
    assertThatThrownBy(() -> read("\u0080\2" + "}".repeat(3_000_000)))
        .isInstanceOf(StageException.class)
        .hasMessageContaining("more than 2000000 opcodes");
    String memo =
        "\u0080\2]" + "r\u00ff\u00ff\u00ff\u007fr\u00ff\u00ff\u00ff\u00ff".repeat(3) + ".";
    assertThatThrownBy(() -> read(memo))
        .isInstanceOf(StageException.class)
        .hasMessageContaining("it holds a list");
  }

  /** Sizes that the file only claims: none of this memory is asked for. */
  @ParameterizedTest
  @CsvSource({
    "2147483647, 1, 1, 2147483647",
    "2, 1, 1, 2147483647",
    "2147483647, 2147483647, 2147483647, 2",
    "2147483647, 2147483647, 0, 2",
  })
  void read_whenASizeIsClaimedThatTheFileDoesNotHave_refuses(
      int rows, int columns, int stride, int elements) {
    String tensor =
        "ctorch._utils\n_rebuild_tensor_v2\n((X\7\0\0\0storagectorch\nFloatStorage\n"
            + "X\1\0\0\0000X\3\0\0\0cpu"
            + number(elements)
            + "tQK\0("
            + number(rows)
            + number(columns)
            + "t("
            + number(stride)
            + number(stride)
            + "t\u0089ccollections\nOrderedDict\n)RtR";
    assertThatThrownBy(() -> read("\u0080\2}X\1\0\0\0w" + tensor + "s."))
        .isInstanceOf(StageException.class)
        .hasMessageStartingWith("Cannot read tensors from " + folder);
  }

  /** The opcode of a whole number of 4 bytes. */
  private static String number(int value) {
    return "J"
        + (char) (value & 0xFF)
        + (char) (value >> 8 & 0xFF)
        + (char) (value >> 16 & 0xFF)
        + (char) (value >>> 24);
  }

  @ParameterizedTest
  @CsvSource({
    "archive/../data.pkl, leaves the archive",
    "/etc/data.pkl, leaves the archive",
    "archive/data\\x, leaves the archive",
    "other/file, lies outside the folder 'archive/'",
    "archive/constants.pkl, TorchScript",
    "other/data.pkl, 2 entries FOLDER/data.pkl",
  })
  void read_whenAnEntryIsOutOfPlace_refuses(String name, String problem) throws Exception {
    Path file = zip(Map.of("archive/data.pkl", latin("\u0080\2}."), name, new byte[3]), false);
    assertThatThrownBy(() -> WeightsFile.read(file))
        .isInstanceOf(StageException.class)
        .hasMessageContaining(problem);
  }

  @Test
  void read_whenAnEntryIsCompressed_refuses() throws Exception {
    Path file = zip(Map.of("archive/data.pkl", new byte[100]), true);
    assertThatThrownBy(() -> WeightsFile.read(file)).hasMessageContaining("is compressed");
  }

  @Test
  void read_whenAnyByteIsChangedOrMissing_neverFailsOtherwise() throws Exception {
    Path file = folder.resolve("whole.pth");
    TorchFileWriter.write(file, Map.of("a", Tensor.of(new float[] {1, 2}, 2L)));
    byte[] whole = Files.readAllBytes(file);
    Path damaged = folder.resolve("damaged.pth");
    for (int i = 0; i < whole.length; i += 3) {
      byte[] bytes = whole.clone();
      bytes[i] ^= (byte) 0xFF;
      Files.write(damaged, bytes);
      readOrRefuse(damaged);
      Files.write(damaged, Arrays.copyOf(whole, i));
      assertThatThrownBy(() -> WeightsFile.read(damaged)).isInstanceOf(StageException.class);
    }
  }

  private static void readOrRefuse(Path file) {
    try {
      WeightsFile.read(file).values().forEach(Tensor::bytes);
    } catch (StageException e) {
      assertThat(e).hasMessageContaining(file.toString());
    }
  }

  private Map<String, Tensor> read(String pickle) throws StageException, IOException {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    entries.put("archive/data.pkl", latin(pickle));
    entries.put("archive/data/0", FLOATS);
    return WeightsFile.read(zip(entries, false));
  }

  private static byte[] latin(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private Path zip(Map<String, byte[]> entries, boolean compressed) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      for (Map.Entry<String, byte[]> each : entries.entrySet()) {
        ZipEntry entry = new ZipEntry(each.getKey());
        if (!compressed) {
          entry.setMethod(ZipEntry.STORED);
          entry.setSize(each.getValue().length);
          CRC32 crc = new CRC32();
          crc.update(each.getValue());
          entry.setCrc(crc.getValue());
        }
        zip.putNextEntry(entry);
        zip.write(each.getValue());
        zip.closeEntry();
      }
    }
    return Files.write(folder.resolve("made.pth"), bytes.toByteArray());
  }
}
