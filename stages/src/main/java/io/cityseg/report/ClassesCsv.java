package io.cityseg.report;

import io.cityseg.evaluate.CityscapesMeasure;
import io.cityseg.labels.CityscapesLabels;
import io.cityseg.labels.Label;
import io.cityseg.proto.CityscapesMetrics;
import io.cityseg.proto.ClassMetrics;
import io.cityseg.proto.ConfusionMatrix;
import io.cityseg.proto.LabelScore;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A line per evaluation, measure and class, as RFC 4180 has it: CRLF at the end of every line, and
 * quotes around fields that need them. {@code iou} is 0..1 in full precision, and empty where the
 * class is absent.
 *
 * <p>Where the measure {@code cityscapes} was asked for, two columns more: {@code level} ("class"
 * or "category", which has no index and no pixels) and {@code instance_iou}, empty where there is
 * none to have and "n/a" where it is not available. With boundary scores, a last column {@code
 * boundary_iou}.
 */
final class ClassesCsv {
  private static final List<String> HEADER =
      List.of(
          "subject", "measure", "class_index", "class", "iou", "target_pixels", "predicted_pixels");
  private static final List<String> MORE = List.of("level", "instance_iou");

  private ClassesCsv() {}

  /** The file's bytes, UTF-8. */
  static byte[] of(Comparison comparison) {
    boolean cityscapes = Measure.CITYSCAPES.isIn(comparison.baseline().manifest());
    boolean boundary = comparison.baseline().manifest().getCityscapes().hasBoundary();
    List<String> blank = boundary ? List.of("class", "", "") : List.of("class", "");
    List<List<String>> lines = new ArrayList<>();
    List<String> more = boundary ? joined(MORE, List.of("boundary_iou")) : MORE;
    lines.add(cityscapes ? joined(HEADER, more) : HEADER);
    for (Evaluated evaluated : comparison.all()) {
      for (ClassMetrics metrics : evaluated.manifest().getClassesList()) {
        List<String> line = line(evaluated, metrics);
        lines.add(cityscapes ? joined(line, blank) : line);
      }
      if (cityscapes) {
        lines.addAll(cityscapes(evaluated));
      }
    }
    return lines.stream()
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

  private static List<List<String>> cityscapes(Evaluated evaluated) {
    CityscapesMetrics metrics = evaluated.manifest().getCityscapes();
    List<List<String>> lines = new ArrayList<>();
    for (LabelScore score : metrics.getClassesList()) {
      Label label = CityscapesLabels.ofName(score.getName()).orElseThrow();
      long target = 0;
      long predicted = 0;
      ConfusionMatrix confusion = metrics.getConfusion();
      for (int other = 0; other < confusion.getClasses(); other++) {
        target += confusion.getCounts(label.id() * confusion.getClasses() + other);
        predicted += confusion.getCounts(other * confusion.getClasses() + label.id());
      }
      lines.add(
          line(
              evaluated,
              Integer.toString(label.trainId()),
              score,
              List.of(Long.toString(target), Long.toString(predicted), "class")));
    }
    for (LabelScore score : metrics.getCategoriesList()) {
      lines.add(line(evaluated, "", score, List.of("", "", "category")));
    }
    return lines;
  }

  private static List<String> line(
      Evaluated evaluated, String index, LabelScore score, List<String> pixelsAndLevel) {
    CityscapesMetrics metrics = evaluated.manifest().getCityscapes();
    boolean available = metrics.getImagesWithoutInstances() == 0;
    String instanceIou = score.hasInstanceIou() ? Double.toString(score.getInstanceIou()) : "";
    List<String> line = new ArrayList<>();
    line.add(evaluated.subject());
    line.add(CityscapesMeasure.NAME);
    line.add(index);
    line.add(score.getName());
    line.add(score.hasIou() ? Double.toString(score.getIou()) : "");
    line.addAll(pixelsAndLevel);
    line.add(available ? instanceIou : "n/a");
    if (metrics.hasBoundary()) {
      line.add(score.hasBoundaryIou() ? Double.toString(score.getBoundaryIou()) : "");
    }
    return line;
  }

  private static List<String> joined(List<String> first, List<String> second) {
    return Stream.concat(first.stream(), second.stream()).toList();
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
