package io.cityseg.config;

import java.io.StringReader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * Reads YAML into nodes and no further: nothing is constructed from tags, and every node knows its
 * line. Size, nesting and aliases are limited.
 */
final class YamlDocument {
  /** A configuration file is far smaller; what is larger is another file given by mistake. */
  static final int MAX_BYTES = 1 << 20;

  private static final int MAX_NESTING = 20;
  private static final int MAX_ALIASES = 50;

  private YamlDocument() {}

  /** A value under a section and a key. */
  record Entry(String path, Node value, String origin) {}

  /**
   * The entries of a file: sections that hold keys that hold values.
   *
   * @param source the file's name, for messages
   * @param problems gets what is wrong with the document
   */
  static List<Entry> entries(String text, String source, List<String> problems) {
    Optional<Node> root = compose(text, source, problems);
    List<Entry> entries = new ArrayList<>();
    if (root.isEmpty() || root.get().getTag().equals(Tag.NULL)) {
      return entries;
    }
    if (!(root.get() instanceof MappingNode sections)) {
      problems.add(
          "Cannot read %s: it must consist of sections ('train:') that hold parameters ('epochs: 3')"
              .formatted(source));
      return entries;
    }
    for (Entry section : children(sections, "", source, problems)) {
      if (!ConfigSchema.isSection(section.path())) {
        problems.add(ConfigSchema.unknownKey(section.path(), section.origin()));
      } else if (section.value() instanceof MappingNode parameters) {
        entries.addAll(children(parameters, section.path() + ".", source, problems));
      } else if (!section.value().getTag().equals(Tag.NULL)) {
        problems.add(
            "Invalid section '%s' in %s: it must hold parameters, one a line and indented"
                .formatted(section.path(), section.origin()));
      }
    }
    return entries;
  }

  /** A single value in YAML's flow style: {@code 3}, {@code [a, b]}; nothing of an empty text. */
  static Optional<Node> value(String text, String origin, List<String> problems) {
    return compose(text, origin, problems);
  }

  private static List<Entry> children(
      MappingNode mapping, String prefix, String source, List<String> problems) {
    List<Entry> entries = new ArrayList<>();
    Map<String, String> seen = new HashMap<>();
    for (NodeTuple tuple : mapping.getValue()) {
      String origin = source + ", line " + (tuple.getKeyNode().getStartMark().getLine() + 1);
      if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
        problems.add("Invalid key in " + origin + ": it must be a name");
        continue;
      }
      String path = prefix + key.getValue();
      String first = seen.putIfAbsent(path, origin);
      if (first != null) {
        problems.add("Duplicate key '%s' in %s: it is there in %s".formatted(path, origin, first));
        continue;
      }
      entries.add(new Entry(path, tuple.getValueNode(), origin));
    }
    return entries;
  }

  private static Optional<Node> compose(String text, String source, List<String> problems) {
    LoaderOptions limits = new LoaderOptions();
    limits.setAllowDuplicateKeys(false);
    limits.setAllowRecursiveKeys(false);
    limits.setCodePointLimit(MAX_BYTES);
    limits.setNestingDepthLimit(MAX_NESTING);
    limits.setMaxAliasesForCollections(MAX_ALIASES);
    try {
      return Optional.ofNullable(
          new Yaml(new SafeConstructor(limits)).compose(new StringReader(text)));
    } catch (MarkedYAMLException e) {
      String where =
          e.getProblemMark() == null
              ? source
              : "%s, line %d, column %d"
                  .formatted(
                      source, e.getProblemMark().getLine() + 1, e.getProblemMark().getColumn() + 1);
      String context = e.getContext() == null ? "" : e.getContext() + ", ";
      problems.add("Cannot read %s: %s%s".formatted(where, context, e.getProblem()));
    } catch (YAMLException e) {
      problems.add("Cannot read %s: %s".formatted(source, e.getMessage()));
    }
    return Optional.empty();
  }
}
