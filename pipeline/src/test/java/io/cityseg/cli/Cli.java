package io.cityseg.cli;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import io.cityseg.proto.RunRecord;
import io.cityseg.proto.StageOutcome;
import io.cityseg.proto.StageStatus;
import io.cityseg.run.Workspace;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine;

/**
 * The command line, run in this process.
 *
 * @param home stands for the launcher's folder
 * @param common arguments that every command gets behind its own
 */
record Cli(Path home, List<String> common) {
  /** What a command returned and printed. */
  record Result(int code, String out, String err) {
    /** The run's record, of a command that was given --json. */
    RunRecord run() {
      try {
        RunRecord.Builder run = RunRecord.newBuilder();
        JsonFormat.parser().merge(out, run);
        return run.build();
      } catch (InvalidProtocolBufferException e) {
        throw new AssertionError("Not a run's record: " + out + err, e);
      }
    }

    /** Nodes that ran, with their pieces "computed/all", in the table's order. */
    Map<String, String> ran() {
      Map<String, String> ran = new LinkedHashMap<>();
      for (StageOutcome outcome : run().getStagesList()) {
        if (outcome.getStatus() == StageStatus.RAN) {
          ran.put(
              name(outcome),
              outcome.getPiecesRun() + "/" + (outcome.getPiecesRun() + outcome.getPiecesCached()));
        }
      }
      return ran;
    }

    /** Every node's output, by its name. */
    Map<String, String> outputs() {
      Map<String, String> outputs = new TreeMap<>();
      for (StageOutcome outcome : run().getStagesList()) {
        outputs.put(name(outcome), outcome.getOutput().getSha256());
      }
      return outputs;
    }

    private static String name(StageOutcome outcome) {
      return outcome.getNode().equals("evaluate")
          ? "evaluate " + outcome.getSubject()
          : outcome.getNode();
    }
  }

  Result run(String command, String... arguments) {
    List<String> all = new ArrayList<>(List.of(command));
    all.addAll(common);
    all.addAll(List.of(arguments));
    return exactly(all.toArray(String[]::new));
  }

  Result exactly(String... arguments) {
    System.setProperty(Workspace.HOME_PROPERTY, home.toString());
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine line = CitySeg.printingTo(out, err, CitySeg.commandLine());
    int code = line.execute(arguments);
    line.getOut().flush();
    line.getErr().flush();
    return new Result(code, out.toString(), err.toString());
  }
}
