package io.cityseg.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cityseg.graph.KeyDifference;
import io.cityseg.graph.Planner;
import io.cityseg.store.ActionKeys;
import java.util.List;
import java.util.Locale;

/**
 * A plan for machines: an array of objects with {@code stage}, {@code node}, {@code subject},
 * {@code plan} (cached, runs or waits), {@code reason}, {@code key} and {@code artifact} (null
 * while unknown), and {@code differences} ({@code field}, {@code before}, {@code now}).
 */
final class PlanJson {
  private PlanJson() {}

  static String of(List<Planner.Line> plan) {
    ObjectMapper mapper = new ObjectMapper();
    ArrayNode lines = mapper.createArrayNode();
    for (Planner.Line line : plan) {
      ObjectNode object = lines.addObject();
      object.put("stage", line.node().stage().name());
      object.put("node", line.node().name());
      object.put("subject", line.subject());
      object.put("plan", line.forecast().name().toLowerCase(Locale.ROOT));
      object.put("reason", line.reason());
      object.put("key", line.key().map(key -> ActionKeys.digest(key).hex()).orElse(null));
      object.put(
          "artifact", line.outcome().map(outcome -> outcome.getOutput().getSha256()).orElse(null));
      ArrayNode differences = object.putArray("differences");
      for (KeyDifference difference : line.differences()) {
        differences
            .addObject()
            .put("field", difference.field())
            .put("before", difference.before())
            .put("now", difference.now());
      }
    }
    try {
      return mapper.writerWithDefaultPrettyPrinter().writeValueAsString(lines);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A tree of text cannot be printed", e);
    }
  }
}
