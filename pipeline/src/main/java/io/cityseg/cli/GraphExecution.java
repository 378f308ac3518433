package io.cityseg.cli;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageOrBuilder;
import com.google.protobuf.util.JsonFormat;
import io.cityseg.evaluate.CityscapesMeasure;
import io.cityseg.evaluate.Measures;
import io.cityseg.evaluate.PaperMeasure;
import io.cityseg.graph.Graph;
import io.cityseg.journal.RunStatus;
import io.cityseg.proto.EvaluateConfig;
import io.cityseg.proto.HeadlineMetric;
import io.cityseg.proto.RunRecord;
import io.cityseg.run.Report;
import io.cityseg.run.Workspace;
import io.cityseg.store.ArtifactStore;
import io.cityseg.store.StoreException;
import java.io.PrintWriter;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/**
 * What `run` and `evaluate` have in common once the run is over: what is printed, and the exit
 * code.
 */
final class GraphExecution {
  @Option(
      names = "--fail-under-miou",
      paramLabel = "PERCENT",
      description =
          "Exit code 3 when a checkpoint's mIoU (0 to 100, of the measure that --measure says) is below this. The baseline does not count.")
  private Double failUnder;

  @Option(
      names = "--measure",
      paramLabel = "MEASURE",
      description =
          "Which mIoU --fail-under-miou looks at: paper or cityscapes; evaluate.measure must ask for it (default: paper, but cityscapes where that is the only one).")
  private String measure;

  @Option(names = "--json", description = "Print the run's record as JSON.")
  private boolean json;

  /** Checks the options against what is going to be evaluated. */
  void validate(EvaluateConfig config) throws UsageException {
    if (failUnder != null && !(failUnder >= 0 && failUnder <= 100)) {
      throw new UsageException(
          "--fail-under-miou is " + failUnder + " (must be a percentage, 0 to 100)");
    }
    if (measure == null) {
      measure = Measures.paper(config) ? PaperMeasure.NAME : CityscapesMeasure.NAME;
      return;
    }
    if (failUnder == null) {
      throw new UsageException("--measure says what --fail-under-miou looks at; give both");
    }
    boolean evaluated =
        (measure.equals(PaperMeasure.NAME) && Measures.paper(config))
            || (measure.equals(CityscapesMeasure.NAME) && Measures.cityscapes(config));
    if (!evaluated) {
      throw new UsageException(
          "--measure is %s, and evaluate.measure is %s (must be paper or cityscapes, and one that is evaluated)"
              .formatted(measure, config.getMeasure()));
    }
  }

  /** Prints what came of a run, results on {@code out} and the rest on {@code err}. */
  int finish(
      RunRecord run, ArtifactStore store, Workspace workspace, PrintWriter out, PrintWriter err)
      throws StoreException {
    if (json) {
      out.println(toJson(run));
    } else if (run.getStatus().equals(RunStatus.RUNNING)) {
      out.println("run     " + run.getId());
      err.println(
          "cityseg: the cluster has taken it; `cityseg show %s --follow` waits for its end"
              .formatted(run.getId()));
    } else {
      out.print(OutcomeTable.stages(run));
      String metrics = OutcomeTable.metrics(run);
      if (!metrics.isEmpty()) {
        out.println();
        out.print(metrics);
      }
      out.println();
      out.println("run     " + run.getId());
    }
    out.flush();
    if (run.hasReport()) {
      Path report = Report.export(store, run.getReport(), workspace.reports());
      (json ? err : out).println("report  " + report);
      out.flush();
    }
    if (run.getStatus().equals(RunStatus.FAILED)) {
      OutcomeTable.failures(run).forEach(failure -> err.println("cityseg: " + failure));
      err.println(
          "cityseg: what was finished before is in the store; the same command goes on from there");
      return ExitCode.FAILED;
    }
    if (run.getStatus().equals(RunStatus.RUNNING)) {
      return ExitCode.DONE;
    }
    return thresholdMet(run, err) ? ExitCode.DONE : ExitCode.NOT_MET;
  }

  private boolean thresholdMet(RunRecord run, PrintWriter err) {
    if (failUnder == null) {
      return true;
    }
    boolean met = true;
    for (HeadlineMetric metric : OutcomeTable.ofMeasure(run, measure)) {
      boolean counts = !metric.getSubject().equals(Graph.BASELINE);
      if (counts && !(metric.hasMeanIou() && 100 * metric.getMeanIou() >= failUnder)) {
        err.printf(
            "cityseg: %s has an mIoU of %s (%s measure), below the %s %% asked for%n",
            metric.getSubject(),
            metric.hasMeanIou() ? OutcomeTable.percent(metric.getMeanIou()) : "no class present",
            metric.getMeasure(),
            failUnder);
        met = false;
      }
    }
    return met;
  }

  static String toJson(MessageOrBuilder message) {
    try {
      return JsonFormat.printer().preservingProtoFieldNames().print(message);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("Our own message cannot be printed", e);
    }
  }
}
