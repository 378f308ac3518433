package io.cityseg.labels;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.cityseg.image.ImageSize;
import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Reads a {@code *_gtFine_polygons.json} file as cityscapesScripts 2.3.0 does ({@code
 * helpers/annotation.py}, {@code json2labelImg}), token by token. Stricter than Python where no
 * data set needs it: sizes are integers, a point has two numbers. One instance reads one file.
 */
final class PolygonsReader {
  /** Points in a file. */
  static final int MAX_POINTS = 10_000_000;

  /**
   * Coordinates lie within this distance of the canvas' corner, pixels: differences fit into an
   * int.
   */
  static final int MAX_COORDINATE = 1_000_000_000;

  private static final int MAX_NESTING = 32;
  private static final int MAX_TEXT = 1 << 20;
  private static final int MAX_SHOWN = 60;
  private static final String GROUP = "group";

  /** What the library's messages tell programmers. */
  private static final Pattern ADVICE =
      Pattern.compile(
          ": enable `[^`]*` to allow|, from `[^`]*`|: was expecting \\(.*\\)|\\[Source: [^\\]]*; (?=line)",
          Pattern.DOTALL);

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_NESTING)
                  .maxStringLength(MAX_TEXT)
                  .maxNameLength(MAX_TEXT)
                  .build())
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .build();

  private final JsonParser json;
  private final String name;
  private int width = -1;
  private int height = -1;
  private boolean hasObjects;
  private int count;
  private byte[] ids = new byte[64];
  private boolean[] groups = new boolean[64];
  private int[] ends = new int[64];
  private int[] points = new int[4096];
  private int used;

  private PolygonsReader(JsonParser json, String name) {
    this.json = json;
    this.name = name;
  }

  /**
   * Reads a file.
   *
   * @param content the whole file
   * @param name the file, for messages
   */
  static Polygons read(byte[] content, String name) throws LabelException {
    try (JsonParser json = JSON.createParser(content)) {
      PolygonsReader reader = new PolygonsReader(json, name);
      reader.readFile();
      return new Polygons(
          reader.width,
          reader.height,
          reader.count,
          reader.ids,
          reader.groups,
          reader.ends,
          reader.points);
    } catch (JsonProcessingException e) {
      throw new LabelException(
          "%s is not a whole JSON file: %s%s"
              .formatted(
                  name,
                  printable(ADVICE.matcher(e.getOriginalMessage()).replaceAll("")),
                  place(e.getLocation())),
          e);
    } catch (IOException e) {
      throw new LabelException("%s cannot be read: %s".formatted(name, e.getMessage()), e);
    }
  }

  private void readFile() throws IOException, LabelException {
    JsonToken first = json.nextToken();
    if (first == null) {
      throw new LabelException(name + " is not a JSON file: it is empty");
    }
    if (first != JsonToken.START_OBJECT) {
      throw wrong("the file must hold one JSON object, it begins with " + shown(json.getText()));
    }
    while (json.nextToken() != JsonToken.END_OBJECT) {
      String key = json.currentName();
      json.nextToken();
      switch (key) {
        case "imgWidth" -> width = readSide("imgWidth");
        case "imgHeight" -> height = readSide("imgHeight");
        case "objects" -> readObjects();
        default -> json.skipChildren();
      }
    }
    if (json.nextToken() != null) {
      throw new LabelException(name + " is not a JSON file: there is text after its end" + place());
    }
    if (width < 0 || height < 0 || !hasObjects) {
      String key = width < 0 ? "imgWidth" : height < 0 ? "imgHeight" : "objects";
      throw new LabelException(
          "%s is not an annotation file of Cityscapes: it lacks the key %s".formatted(name, key));
    }
    Optional<String> problem = ImageSize.problem(height, width);
    if (problem.isPresent()) {
      throw new LabelException("%s has %s".formatted(name, problem.get()));
    }
  }

  private int readSide(String key) throws IOException, LabelException {
    if (json.currentToken() != JsonToken.VALUE_NUMBER_INT
        || json.getNumberType() != JsonParser.NumberType.INT
        || json.getIntValue() < 0) {
      throw wrong("%s must be a number of pixels, it is %s".formatted(key, shown(json.getText())));
    }
    return json.getIntValue();
  }

  /** A key that comes twice counts the second time, as in Python. */
  private void readObjects() throws IOException, LabelException {
    if (json.currentToken() != JsonToken.START_ARRAY) {
      throw wrong("objects must be a list, it is " + shown(json.getText()));
    }
    hasObjects = true;
    count = 0;
    used = 0;
    while (json.nextToken() != JsonToken.END_ARRAY) {
      if (json.currentToken() != JsonToken.START_OBJECT) {
        throw wrong("an entry of objects must be an object, it is " + shown(json.getText()));
      }
      readObject();
    }
  }

  private void readObject() throws IOException, LabelException {
    int start = used;
    String label = null;
    boolean polygon = false;
    boolean deleted = false;
    while (json.nextToken() != JsonToken.END_OBJECT) {
      String key = json.currentName();
      JsonToken value = json.nextToken();
      switch (key) {
        case "label" -> {
          if (value != JsonToken.VALUE_STRING) {
            throw wrong("a label must be a text, it is " + shown(json.getText()));
          }
          label = json.getText();
        }
        case "polygon" -> {
          polygon = true;
          used = start;
          readPolygon();
        }
        case "deleted" -> deleted = isTrue(value);
        default -> json.skipChildren();
      }
    }
    if (label == null || !polygon) {
      throw new LabelException(
          "%s lacks the key %s in an object%s"
              .formatted(name, label == null ? "label" : "polygon", place()));
    }
    int id = deleted ? -1 : find(label).id();
    if (id < 0) {
      used = start;
      return;
    }
    if (used - start < 4) {
      throw wrong(
          "the polygon of a '%s' has %d points, fewer than two"
              .formatted(label, (used - start) / 2));
    }
    add(id, CityscapesLabels.ofName(label).isEmpty());
  }

  /** The rule of json2labelImg for names that are not in the table. */
  private Label find(String label) throws LabelException {
    Optional<Label> found = CityscapesLabels.ofName(label);
    if (found.isEmpty() && label.endsWith(GROUP)) {
      found = CityscapesLabels.ofName(label.substring(0, label.length() - GROUP.length()));
    }
    return found.orElseThrow(
        () ->
            new LabelException(
                "%s has an object of the unknown label '%s'%s; correct it, or mark it as deleted"
                    .formatted(name, shown(label), place())));
  }

  /** Python's truth of a value that is not a list or an object. */
  private boolean isTrue(JsonToken value) throws IOException, LabelException {
    return switch (value) {
      case VALUE_NULL, VALUE_FALSE -> false;
      case VALUE_TRUE -> true;
      case VALUE_STRING -> !json.getText().isEmpty();
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> json.getDoubleValue() != 0;
      default -> throw wrong("deleted must be 0 or 1, it is " + shown(json.getText()));
    };
  }

  private void readPolygon() throws IOException, LabelException {
    if (json.currentToken() != JsonToken.START_ARRAY) {
      throw wrong("a polygon must be a list of points, it is " + shown(json.getText()));
    }
    while (json.nextToken() != JsonToken.END_ARRAY) {
      if (json.currentToken() != JsonToken.START_ARRAY) {
        throw wrong("a point must be a list of two numbers, it is " + shown(json.getText()));
      }
      if (used == points.length) {
        if (used >= 2 * MAX_POINTS) {
          throw wrong("more than %d points in one file".formatted(MAX_POINTS));
        }
        points = Arrays.copyOf(points, Math.min(2 * used, 2 * MAX_POINTS));
      }
      json.nextToken();
      points[used] = readCoordinate();
      json.nextToken();
      points[used + 1] = readCoordinate();
      used += 2;
      if (json.nextToken() != JsonToken.END_ARRAY) {
        throw wrong(
            "a point must be a list of two numbers, it goes on with " + shown(json.getText()));
      }
    }
  }

  /** Fractions are cut off towards zero, as Pillow does. */
  private int readCoordinate() throws IOException, LabelException {
    JsonToken token = json.currentToken();
    if (token != JsonToken.VALUE_NUMBER_INT && token != JsonToken.VALUE_NUMBER_FLOAT) {
      throw wrong("a coordinate must be a number, it is " + shown(json.getText()));
    }
    if (token == JsonToken.VALUE_NUMBER_INT && json.getNumberType() == JsonParser.NumberType.INT) {
      return withinLimits(json.getIntValue());
    }
    return withinLimits(json.getDoubleValue());
  }

  private int withinLimits(double value) throws IOException, LabelException {
    if (!(Math.abs(value) <= MAX_COORDINATE)) {
      throw wrong(
          "the coordinate %s is beyond %d".formatted(shown(json.getText()), MAX_COORDINATE));
    }
    return (int) value;
  }

  private void add(int id, boolean group) {
    if (count == ids.length) {
      ids = Arrays.copyOf(ids, 2 * count);
      groups = Arrays.copyOf(groups, 2 * count);
      ends = Arrays.copyOf(ends, 2 * count);
    }
    ids[count] = (byte) id;
    groups[count] = group;
    ends[count] = used;
    count++;
  }

  /** A value of the file for a message: its beginning, when it is long. */
  private static String shown(String value) {
    return printable(value.length() <= MAX_SHOWN ? value : value.substring(0, MAX_SHOWN) + "...");
  }

  /** Text of the file for a terminal, which obeys control characters. */
  private static String printable(String text) {
    StringBuilder printable = new StringBuilder();
    text.chars()
        .forEach(
            c -> {
              if (Character.isISOControl(c) || Character.getType(c) == Character.FORMAT) {
                printable.append("\\u%04x".formatted(c));
              } else {
                printable.append((char) c);
              }
            });
    return printable.toString();
  }

  private String place() {
    return place(json.currentTokenLocation());
  }

  /** Nothing where the library names no place. */
  private static String place(JsonLocation location) {
    return location == null || location.getLineNr() < 1
        ? ""
        : " (line %d, column %d)".formatted(location.getLineNr(), location.getColumnNr());
  }

  private LabelException wrong(String problem) {
    return new LabelException(name + " is not an annotation file: " + problem + place());
  }
}
