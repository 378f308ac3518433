package io.cityseg.report;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import io.cityseg.evaluate.PaperMeasure;
import io.cityseg.labels.CityscapesLabels;
import io.cityseg.proto.EvaluationManifest;
import io.cityseg.proto.Input;
import io.cityseg.proto.SplitManifest;
import io.cityseg.proto.StageCall;
import io.cityseg.proto.TrainingManifest;
import io.cityseg.stage.StageException;
import io.cityseg.stage.StageKeys;
import io.cityseg.store.ArtifactStore;
import io.cityseg.store.StoreException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * All that a report is made from, read and checked.
 *
 * @param title the page's heading
 * @param train the split that was trained on
 * @param val the split that was evaluated on
 * @param history the training's epochs, in ascending order; the default instance when not given
 * @param comparison the evaluations
 * @param references the call's inputs, in their order
 */
record ReportInputs(
    String title,
    SplitManifest train,
    SplitManifest val,
    TrainingManifest history,
    Comparison comparison,
    List<Input> references) {
  static final String TRAIN = "train";
  static final String VAL = "val";
  static final String HISTORY = "history";
  static final String BASELINE = "baseline";
  static final String CHECKPOINT_PREFIX = "checkpoint:";

  ReportInputs {
    requireNonNull(title, "title");
    requireNonNull(train, "train");
    requireNonNull(val, "val");
    requireNonNull(history, "history");
    requireNonNull(comparison, "comparison");
    references = List.copyOf(references);
  }

  /**
   * Reads a call's inputs.
   *
   * @throws StageException when roles are missing, unknown or out of order, or when the evaluations
   *     are not of one measure on one split; the message lists all problems
   */
  static ReportInputs read(StageCall call, ArtifactStore store)
      throws StageException, StoreException {
    refuse(roleProblems(call.getInputsList().stream().map(Input::getRole).toList()));
    TrainingManifest history = TrainingManifest.getDefaultInstance();
    List<Evaluated> checkpoints = new ArrayList<>();
    for (Input input : call.getInputsList()) {
      if (input.getRole().equals(HISTORY)) {
        history = read(store, input, TrainingManifest.parser());
      } else if (input.getRole().startsWith(CHECKPOINT_PREFIX)) {
        checkpoints.add(evaluated(store, input));
      }
    }
    Input baseline = input(call, BASELINE);
    Comparison comparison = new Comparison(evaluated(store, baseline), checkpoints);
    String valDigest = StageKeys.input(call, VAL).getSha256();
    refuse(comparison.all().stream().flatMap(e -> problems(e, valDigest).stream()).toList());
    refuse(measureProblems(comparison));
    return new ReportInputs(
        call.getConfig().getReport().getTitle(),
        read(store, input(call, TRAIN), SplitManifest.parser()),
        read(store, input(call, VAL), SplitManifest.parser()),
        history,
        comparison,
        call.getInputsList());
  }

  /** The measures that every evaluation has numbers of; the first is the comparison's. */
  List<Measure> measures() {
    return Measure.of(comparison.baseline().manifest());
  }

  /** The verdict on the comparison. */
  Verdict verdict() {
    return new Verdict(comparison, val);
  }

  private static List<String> roleProblems(List<String> roles) {
    List<String> problems = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    int last = 0;
    for (String role : roles) {
      int place = place(role);
      if (place < 0) {
        problems.add("unknown role '" + role + "'");
        continue;
      }
      if (!seen.add(role)) {
        problems.add("role '" + role + "' is given twice");
      }
      if (place < last) {
        problems.add("role '" + role + "' is out of order");
      }
      last = Math.max(last, place);
    }
    for (String role : List.of(TRAIN, VAL, BASELINE)) {
      if (!seen.contains(role)) {
        problems.add("no input of role '" + role + "'");
      }
    }
    return problems;
  }

  private static int place(String role) {
    return role.startsWith(CHECKPOINT_PREFIX) && role.length() > CHECKPOINT_PREFIX.length()
        ? 4
        : List.of(TRAIN, VAL, HISTORY, BASELINE).indexOf(role);
  }

  private static List<String> problems(Evaluated evaluated, String valDigest) {
    EvaluationManifest manifest = evaluated.manifest();
    List<String> problems = new ArrayList<>();
    if (!Measure.PAPER.isIn(manifest)) {
      return splitProblems(evaluated, valDigest);
    }
    if (!manifest.getMeasure().equals(PaperMeasure.NAME)) {
      problems.add(
          "evaluation of '%s' has the measure '%s' (must be '%s': measures are never mixed)"
              .formatted(evaluated.subject(), manifest.getMeasure(), PaperMeasure.NAME));
    }
    problems.addAll(splitProblems(evaluated, valDigest));
    int classes = manifest.getConfusion().getClasses();
    if (manifest.getClassesCount() != CityscapesLabels.CLASSES
        || classes != CityscapesLabels.CLASSES
        || manifest.getConfusion().getCountsCount() != classes * classes) {
      problems.add(
          "evaluation of '%s' has %d classes and a confusion matrix of %d counts (must be %d and %d)"
              .formatted(
                  evaluated.subject(),
                  manifest.getClassesCount(),
                  manifest.getConfusion().getCountsCount(),
                  CityscapesLabels.CLASSES,
                  CityscapesLabels.CLASSES * CityscapesLabels.CLASSES));
    }
    for (int c = 0; c < manifest.getClassesCount(); c++) {
      if (manifest.getClasses(c).getClassIndex() != c) {
        problems.add(
            "evaluation of '%s' has class %d at place %d (classes must ascend from 0)"
                .formatted(evaluated.subject(), manifest.getClasses(c).getClassIndex(), c));
      }
    }
    return problems;
  }

  private static List<String> splitProblems(Evaluated evaluated, String valDigest) {
    String split = evaluated.manifest().getSplit().getSha256();
    return split.equals(valDigest)
        ? List.of()
        : List.of(
            "evaluation of '%s' was made on split %s (must be the val split %s)"
                .formatted(evaluated.subject(), split, valDigest));
  }

  /** Numbers of one column must be of one measure, on the same images, predicted alike. */
  private static List<String> measureProblems(Comparison comparison) {
    EvaluationManifest baseline = comparison.baseline().manifest();
    List<String> problems = new ArrayList<>();
    for (Evaluated checkpoint : comparison.checkpoints()) {
      EvaluationManifest manifest = checkpoint.manifest();
      if (!Measure.of(manifest).equals(Measure.of(baseline))) {
        problems.add(
            "evaluation of '%s' has the measures %s (must be those of the baseline, %s)"
                .formatted(
                    checkpoint.subject(),
                    texts(Measure.of(manifest)),
                    texts(Measure.of(baseline))));
      } else if (manifest.getCityscapes().hasBoundary() != baseline.getCityscapes().hasBoundary()) {
        problems.add(
            "evaluation of '%s' %s boundary scores, and that of the baseline %s (evaluate both with the same evaluate.boundary)"
                .formatted(
                    checkpoint.subject(),
                    manifest.getCityscapes().hasBoundary() ? "has" : "has no",
                    baseline.getCityscapes().hasBoundary() ? "has" : "has none"));
      } else if (!manifest
              .getCityscapes()
              .getSources()
              .equals(baseline.getCityscapes().getSources())
          || !manifest
              .getCityscapes()
              .getPrediction()
              .equals(baseline.getCityscapes().getPrediction())) {
        problems.add(
            "evaluation of '%s' was made at full resolution on %s from '%s' (must be %s and '%s', as the baseline)"
                .formatted(
                    checkpoint.subject(),
                    manifest.getCityscapes().getSources().getSha256(),
                    manifest.getCityscapes().getPrediction(),
                    baseline.getCityscapes().getSources().getSha256(),
                    baseline.getCityscapes().getPrediction()));
      }
    }
    return problems;
  }

  private static List<String> texts(List<Measure> measures) {
    return measures.stream().map(Measure::text).toList();
  }

  private static void refuse(List<String> problems) throws StageException {
    if (!problems.isEmpty()) {
      throw new StageException(
          "Cannot make a report from these inputs: " + String.join("; ", problems));
    }
  }

  private static Input input(StageCall call, String role) {
    return StageKeys.input(role, StageKeys.input(call, role));
  }

  private static Evaluated evaluated(ArtifactStore store, Input input) throws StoreException {
    return new Evaluated(
        input.getRole(), input.getArtifact(), read(store, input, EvaluationManifest.parser()));
  }

  private static <T extends Message> T read(ArtifactStore store, Input input, Parser<T> parser)
      throws StoreException {
    return store.readManifest(input.getArtifact(), parser);
  }
}
