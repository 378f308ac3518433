package io.cityseg.report;

import io.cityseg.proto.ClassMetrics;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A line per evaluation and class, as RFC 4180 has it: CRLF at the end of every line, and quotes
 * around fields that need them. {@code iou} is 0..1 in full precision, and empty where the class is
 * absent.
 */
final class ClassesCsv {
  private static final List<String> HEADER =
      List.of(
          "subject", "measure", "class_index", "class", "iou", "target_pixels", "predicted_pixels");

  private ClassesCsv() {}

  /** The file's bytes, UTF-8. */
  static byte[] of(Comparison comparison) {
    Stream<List<String>> lines =
        comparison.all().stream()
            .flatMap(
                evaluated ->
                    evaluated.manifest().getClassesList().stream()
                        .map(metrics -> line(evaluated, metrics)));
    return Stream.concat(Stream.of(HEADER), lines)
        .map(ClassesCsv::encoded)
        .collect(Collectors.joining())
        .getBytes(StandardCharsets.UTF_8);
  }

  private static List<String> line(Evaluated evaluated, ClassMetrics metrics) {
    return List.of(
        evaluated.subject(),
        evaluated.manifest().getMeasure(),
        Integer.toString(metrics.getClassIndex()),
        metrics.getName(),
        metrics.hasIou() ? Double.toString(metrics.getIou()) : "",
        Long.toString(metrics.getTargetPixels()),
        Long.toString(metrics.getPredictedPixels()));
  }

  private static String encoded(List<String> fields) {
    return fields.stream().map(ClassesCsv::field).collect(Collectors.joining(",", "", "\r\n"));
  }

  private static String field(String value) {
    boolean needsQuotes =
        value.chars().anyMatch(c -> c == ',' || c == '"' || c == '\r' || c == '\n');
    return needsQuotes ? '"' + value.replace("\"", "\"\"") + '"' : value;
  }
}
