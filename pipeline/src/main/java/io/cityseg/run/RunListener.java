package io.cityseg.run;

import io.cityseg.graph.Planner;
import io.cityseg.proto.Progress;
import io.cityseg.proto.StageOutcome;
import java.util.List;

/** Hears how a run goes. Called from one thread. */
public interface RunListener {
  /** Something that people should know: scenes are drawn, a stage is repeated. */
  void notice(String message);

  /** The run begins; the plan says what it will do. */
  void planned(List<Planner.Line> plan);

  /** How far the nodes are that are under way, one message a node. */
  void progressed(List<Progress> progress);

  /** A call ended. */
  void ended(StageOutcome outcome);
}
