package io.cityseg.ingest;

import io.cityseg.stage.StageException;
import java.util.ArrayList;
import java.util.List;

/** All that is wrong with a data set, so that the user hears of it at once. For one thread. */
final class Problems {
  private static final int SHOWN = 50;

  private final List<String> lines = new ArrayList<>();

  /** Notes what is wrong with a file. */
  void add(String path, String problem) {
    lines.add(path + ": " + problem);
  }

  /** Notes lines of the form "path: what is wrong". */
  void addAll(List<String> problems) {
    lines.addAll(problems);
  }

  /** Does nothing when there is no problem. */
  void throwIfAny() throws StageException {
    if (lines.isEmpty()) {
      return;
    }
    StringBuilder message = new StringBuilder("Cannot ingest the data set: ");
    message.append(lines.size()).append(lines.size() == 1 ? " problem" : " problems");
    lines.stream().limit(SHOWN).forEach(line -> message.append("\n  ").append(line));
    if (lines.size() > SHOWN) {
      message.append("\n  and ").append(lines.size() - SHOWN).append(" more");
    }
    throw new StageException(message.toString());
  }
}
