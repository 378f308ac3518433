package io.cityseg.beam;

import io.cityseg.proto.ArtifactRef;
import io.cityseg.proto.GraphRequest;
import io.cityseg.proto.Piece;
import io.cityseg.proto.PieceResult;
import io.cityseg.proto.PieceTask;
import io.cityseg.run.Facts;
import io.cityseg.stage.StageException;
import io.cityseg.store.ActionCache;
import io.cityseg.store.StoreException;
import org.apache.beam.sdk.values.KV;

/** Runs one piece of a call, unless the store has its result. */
final class RunPiece extends NodeFn<KV<String, PieceTask>, KV<String, PieceResult>> {
  RunPiece(String node, String storeUri, GraphRequest request) {
    super(node, storeUri, request);
  }

  @ProcessElement
  public void process(
      @Element KV<String, PieceTask> task, OutputReceiver<KV<String, PieceResult>> out) {
    PieceTask value = task.getValue();
    perform(value.getSubject(), () -> out.output(KV.of(task.getKey(), result(value))));
  }

  private PieceResult result(PieceTask task)
      throws StageException, StoreException, InterruptedException {
    Piece piece = task.getPiece();
    ActionCache actions = workplace().actions();
    PieceResult.Builder result = PieceResult.newBuilder().setIndex(piece.getIndex());
    if (!task.getForce() && actions.lookup(piece.getKey()) instanceof ActionCache.Hit hit) {
      result.setOutput(hit.record().getOutput());
    } else {
      long started = System.currentTimeMillis();
      ArtifactRef output = node().stage().run(piece, workplace().context());
      if (!piece.hasWhole()) {
        // a whole piece has the call's own key, and is recorded with the call
        output =
            actions
                .commit(piece.getKey(), output, Facts.since(started, request().getRunId()))
                .getOutput();
      }
      result.setOutput(output).setComputed(true);
    }
    if (!piece.hasWhole()) {
      workplace().progress().pieceDone("pieces");
    }
    return result.build();
  }
}
