package io.cityseg.beam;

import io.cityseg.graph.MissReason;
import io.cityseg.graph.MissingResultException;
import io.cityseg.graph.Planner;
import io.cityseg.journal.Journal;
import io.cityseg.proto.ActionKey;
import io.cityseg.proto.GatherPart;
import io.cityseg.proto.GraphRequest;
import io.cityseg.proto.NodeMode;
import io.cityseg.proto.PendingCall;
import io.cityseg.proto.Piece;
import io.cityseg.proto.PieceTask;
import io.cityseg.proto.StageCall;
import io.cityseg.proto.StageOutcome;
import io.cityseg.proto.StageStatus;
import io.cityseg.stage.StageException;
import io.cityseg.stage.StageKeys;
import io.cityseg.store.ActionCache;
import io.cityseg.store.ActionKeys;
import io.cityseg.store.StoreException;
import java.util.List;
import java.util.Optional;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.values.KV;

/** Looks a call up: emits its outcome when the store has the result, else its pieces. */
final class LookUpCall extends NodeFn<StageCall, StageOutcome> {
  LookUpCall(String node, String storeUri, GraphRequest request) {
    super(node, storeUri, request);
  }

  @ProcessElement
  public void process(@Element StageCall call, DoFn.MultiOutputReceiver out) {
    perform(call.getSubject(), () -> lookUp(call, out));
  }

  /** The outcome of a call whose result is there: of this run itself, when an attempt was lost. */
  private StageOutcome found(StageCall call, ActionKey key, ActionCache.Hit hit)
      throws StoreException {
    Journal journal = workplace().journal();
    Optional<StageOutcome> before =
        journal
            .outcome(node().name(), call.getSubject())
            .filter(said -> said.getStatus() == StageStatus.RAN)
            .filter(said -> said.getOutput().equals(hit.record().getOutput()));
    if (before.isPresent()) {
      return before.get();
    }
    StageOutcome outcome = Planner.cached(node(), call, key, hit);
    journal.write(outcome);
    return outcome;
  }

  private void lookUp(StageCall call, MultiOutputReceiver out)
      throws StageException, StoreException, InterruptedException {
    long started = System.currentTimeMillis();
    ActionKey key = StageKeys.of(node().stage(), call);
    ActionCache actions = workplace().actions();
    ActionCache.Lookup lookup =
        call.getForce() ? actions.lookupForced(key, request().getRunId()) : actions.lookup(key);
    if (lookup instanceof ActionCache.Hit hit) {
      out.get(ComputeNode.CACHED).output(found(call, key, hit));
      return;
    }
    String said = ((ActionCache.Miss) lookup).reason();
    NodeMode mode = node().mode(request());
    if (mode == NodeMode.REQUIRE_CACHED) {
      throw new StageException(new MissingResultException(node().name(), said).getMessage());
    }
    if (mode == NodeMode.IF_CACHED) {
      return;
    }
    String reason = MissReason.of(key, said, actions).text();
    List<Piece> pieces = node().stage().split(call, workplace().context());
    // two subjects of one node can have the same key: the same checkpoint under two names
    String id = ActionKeys.digest(key).hex() + " " + call.getSubject();
    out.get(ComputeNode.PENDING)
        .output(
            KV.of(
                id,
                GatherPart.newBuilder()
                    .setCall(
                        PendingCall.newBuilder()
                            .setCall(call)
                            .setNode(node().name())
                            .setReason(reason)
                            .setPieces(pieces.size())
                            .setStartedAtMillis(started))
                    .build()));
    boolean whole = pieces.size() == 1 && pieces.get(0).hasWhole();
    if (!whole) {
      // a stage that cannot be cut says itself how far it is
      workplace().progress().expect(id, pieces.size());
    }
    for (Piece piece : pieces) {
      out.get(ComputeNode.PIECES)
          .output(
              KV.of(
                  id,
                  PieceTask.newBuilder()
                      .setPiece(piece)
                      .setSubject(call.getSubject())
                      .setForce(call.getForce())
                      .build()));
    }
  }
}
