package io.cityseg.model;

import io.cityseg.stage.StageException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Compares the tensors of a file with those that the network needs. */
final class StateDict {
  private static final int NAMED = 8;
  private static final String DATA_PARALLEL = "module.";

  private StateDict() {}

  /**
   * The tensors, in the network's order.
   *
   * @param source where they come from, for the message
   * @throws StageException when one is missing, unexpected or of another shape or type; it names
   *     them
   */
  static Map<String, Tensor> checked(String source, Map<String, Tensor> tensors, DeepLabV3 network)
      throws StageException {
    return checked(source, tensors, network.type(), network.tensors());
  }

  /** The same for some of the network's tensors. */
  static Map<String, Tensor> checked(
      String source, Map<String, Tensor> tensors, NetworkType network, List<StateTensor> wanted)
      throws StageException {
    List<String> missing = new ArrayList<>();
    List<String> different = new ArrayList<>();
    Set<String> unexpected = new LinkedHashSet<>(tensors.keySet());
    Map<String, Tensor> ordered = new LinkedHashMap<>();
    for (StateTensor want : wanted) {
      unexpected.remove(want.name());
      Tensor tensor = tensors.get(want.name());
      if (tensor == null) {
        missing.add(want.name());
      } else if (tensor.dtype() != want.dtype() || !tensor.shape().equals(want.shape())) {
        different.add(
            "%s is %s %s (must be %s %s)"
                .formatted(
                    want.name(), tensor.dtype(), tensor.shape(), want.dtype(), want.shape()));
      } else {
        ordered.put(want.name(), tensor);
      }
    }
    List<String> problems = new ArrayList<>();
    add(problems, "missing: ", missing);
    add(problems, "unexpected: ", List.copyOf(unexpected));
    add(problems, "different: ", different);
    if (!problems.isEmpty()) {
      throw new StageException(
          "Cannot use %s: its tensors are not those of torchvision's %s with an auxiliary head%s; %s"
              .formatted(
                  source, network.text(), hint(network, tensors), String.join("; ", problems)));
    }
    return ordered;
  }

  private static String hint(NetworkType network, Map<String, Tensor> tensors) {
    return NetworkType.recognised(tensors.keySet())
        .filter(type -> type != network)
        .map(type -> ", they are named as those of " + type.text())
        .orElse("");
  }

  private static void add(List<String> problems, String kind, List<String> names) {
    if (!names.isEmpty()) {
      String more = names.size() > NAMED ? " and " + (names.size() - NAMED) + " more" : "";
      problems.add(
          kind + String.join(", ", names.subList(0, Math.min(NAMED, names.size()))) + more);
    }
  }

  /**
   * The tensors of a file that somebody else wrote, as this program names them: without the prefix
   * that DataParallel puts before every name, and with counters of batches (0) where there are
   * none, since they do not enter the forward pass.
   */
  static Map<String, Tensor> adopted(Map<String, Tensor> tensors, List<StateTensor> wanted) {
    Map<String, Tensor> adopted = new LinkedHashMap<>(withoutPrefix(tensors));
    for (StateTensor want : wanted) {
      if (want.role() == StateTensor.Role.BATCHES_TRACKED) {
        adopted.putIfAbsent(want.name(), Tensor.scalar(0));
      }
    }
    return adopted;
  }

  /** The tensors by their names without the prefix of DataParallel, if all have it. */
  static Map<String, Tensor> withoutPrefix(Map<String, Tensor> tensors) {
    Map<String, Tensor> bare = tensors;
    while (!bare.isEmpty()
        && bare.keySet().stream().allMatch(name -> name.startsWith(DATA_PARALLEL))) {
      Map<String, Tensor> stripped = new LinkedHashMap<>();
      bare.forEach((name, tensor) -> stripped.put(name.substring(DATA_PARALLEL.length()), tensor));
      bare = stripped;
    }
    return bare;
  }
}
