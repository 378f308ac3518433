package io.cityseg.model;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import io.cityseg.stage.StageException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The header of a safetensors file: which tensor lies where.
 *
 * <p>The rules are those of the format's own reader (huggingface/safetensors, README "Format"): one
 * JSON object, no name twice, and the tensors cover the data without gap or overlap. Anything else
 * is an error that names the tensor.
 */
final class SafetensorsHeader {
  /** The format's own limit. */
  static final long MAX_BYTES = 100_000_000;

  private static final String METADATA = "__metadata__";
  private static final int ALIGNMENT = 8;
  private static final JsonFactory JSON =
      JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private SafetensorsHeader() {}

  /**
   * Where a tensor lies.
   *
   * @param begin its first byte, counted from the end of the header
   * @param end the byte after its last
   */
  record Entry(String name, DType dtype, List<Long> shape, long begin, long end) {}

  /**
   * Parses a header.
   *
   * @param dataBytes how many bytes follow the header
   * @return the tensors in the header's order
   * @throws StageException whose message says what is wrong, for a caller that adds the file
   */
  static List<Entry> parse(byte[] json, long dataBytes) throws StageException {
    List<Entry> entries = new ArrayList<>();
    try (JsonParser parser = JSON.createParser(json)) {
      expect(parser.nextToken() == JsonToken.START_OBJECT, "its header is not a JSON object");
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String name = parser.currentName();
        expect(
            parser.nextToken() == JsonToken.START_OBJECT,
            "the header's entry '" + name + "' is not a JSON object");
        if (name.equals(METADATA)) {
          skipMetadata(parser);
        } else {
          entries.add(entry(name, parser));
        }
      }
      expect(parser.nextToken() == null, "its header has more than one JSON object");
    } catch (IOException e) {
      throw new StageException("its header is not valid JSON: " + firstLine(e), e);
    }
    checkCover(entries, dataBytes);
    return entries;
  }

  private static void skipMetadata(JsonParser parser) throws IOException, StageException {
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      expect(
          parser.nextToken() == JsonToken.VALUE_STRING,
          "the header's " + METADATA + " has a value that is not text");
    }
  }

  private static Entry entry(String name, JsonParser parser) throws IOException, StageException {
    String tensor = "tensor '" + name + "'";
    String dtype = null;
    List<Long> shape = null;
    List<Long> offsets = null;
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String field = parser.currentName();
      JsonToken value = parser.nextToken();
      switch (field) {
        case "dtype" -> {
          expect(value == JsonToken.VALUE_STRING, tensor + " has a dtype that is not text");
          dtype = parser.getText();
        }
        case "shape" -> shape = numbers(tensor + ", shape", parser);
        case "data_offsets" -> offsets = numbers(tensor + ", data_offsets", parser);
        default -> throw new StageException(tensor + " has the unknown field '" + field + "'");
      }
    }
    expect(
        dtype != null && shape != null && offsets != null,
        tensor + " lacks dtype, shape or data_offsets");
    expect(offsets.size() == 2, tensor + " has data_offsets " + offsets + " (must be two)");
    Optional<DType> type = DType.named(dtype);
    expect(
        type.isPresent(),
        "%s has the unknown dtype %s (must be one of %s)"
            .formatted(tensor, dtype, Arrays.toString(DType.values())));
    return checked(new Entry(name, type.get(), shape, offsets.get(0), offsets.get(1)));
  }

  private static List<Long> numbers(String what, JsonParser parser)
      throws IOException, StageException {
    expect(parser.currentToken() == JsonToken.START_ARRAY, what + " is not a list");
    List<Long> numbers = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      expect(
          parser.currentToken() == JsonToken.VALUE_NUMBER_INT,
          what + " has '" + parser.getText() + "' (must be whole numbers)");
      long number = parser.getLongValue();
      expect(number >= 0, what + " has " + number + " (must not be negative)");
      numbers.add(number);
    }
    return numbers;
  }

  private static Entry checked(Entry entry) throws StageException {
    long bytes;
    try {
      bytes = Tensor.byteCount(entry.dtype(), entry.shape());
    } catch (IllegalArgumentException e) {
      throw new StageException("tensor '" + entry.name() + "': " + e.getMessage(), e);
    }
    expect(
        entry.end() - entry.begin() == bytes,
        "tensor '%s' has data_offsets %d to %d (must span the %d bytes of %s %s)"
            .formatted(
                entry.name(), entry.begin(), entry.end(), bytes, entry.dtype(), entry.shape()));
    return entry;
  }

  private static void checkCover(List<Entry> entries, long dataBytes) throws StageException {
    long at = 0;
    List<Entry> inPlace = new ArrayList<>(entries);
    inPlace.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
    for (Entry entry : inPlace) {
      expect(
          entry.end() <= dataBytes,
          "tensor '%s' ends at byte %d of %d: the file is cut short"
              .formatted(entry.name(), entry.end(), dataBytes));
      expect(
          entry.begin() == at,
          "tensor '%s' begins at byte %d (must be %d: %s)"
              .formatted(
                  entry.name(),
                  entry.begin(),
                  at,
                  entry.begin() < at ? "it overlaps another" : "there is a gap"));
      at = entry.end();
    }
    expect(at == dataBytes, "it has %d bytes after its last tensor".formatted(dataBytes - at));
  }

  /**
   * The header of tensors that are written one after another, in the map's order: compact JSON,
   * padded with spaces so that the data begins at a multiple of 8.
   */
  static byte[] format(Map<String, Tensor> tensors) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(bytes)) {
      json.writeStartObject();
      long at = 0;
      for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
        Tensor tensor = entry.getValue();
        json.writeObjectFieldStart(entry.getKey());
        json.writeStringField("dtype", tensor.dtype().name());
        json.writeArrayFieldStart("shape");
        for (long size : tensor.shape()) {
          json.writeNumber(size);
        }
        json.writeEndArray();
        json.writeArrayFieldStart("data_offsets");
        json.writeNumber(at);
        at += tensor.byteCount();
        json.writeNumber(at);
        json.writeEndArray();
        json.writeEndObject();
      }
      json.writeEndObject();
    }
    while (bytes.size() % ALIGNMENT != 0) {
      bytes.write(' ');
    }
    return bytes.toByteArray();
  }

  private static String firstLine(IOException e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("unreadable");
  }

  private static void expect(boolean holds, String otherwise) throws StageException {
    if (!holds) {
      throw new StageException(otherwise);
    }
  }
}
