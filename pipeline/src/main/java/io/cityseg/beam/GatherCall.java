package io.cityseg.beam;

import io.cityseg.proto.ActionKey;
import io.cityseg.proto.ActionRecord;
import io.cityseg.proto.ArtifactRef;
import io.cityseg.proto.GatherPart;
import io.cityseg.proto.GraphRequest;
import io.cityseg.proto.PendingCall;
import io.cityseg.proto.PieceResult;
import io.cityseg.proto.StageCall;
import io.cityseg.proto.StageOutcome;
import io.cityseg.proto.StageStatus;
import io.cityseg.stage.StageException;
import io.cityseg.stage.StageKeys;
import io.cityseg.stage.Stopwatch;
import io.cityseg.store.ActionKeys;
import io.cityseg.store.StoreException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.apache.beam.sdk.values.KV;

/** Gathers a call's pieces, in their order, into its result, and commits it. */
final class GatherCall extends NodeFn<KV<String, Iterable<GatherPart>>, StageOutcome> {
  GatherCall(String node, String storeUri, GraphRequest request) {
    super(node, storeUri, request);
  }

  @ProcessElement
  public void process(
      @Element KV<String, Iterable<GatherPart>> joined, OutputReceiver<StageOutcome> out) {
    Optional<PendingCall> pending = Optional.empty();
    List<PieceResult> results = new ArrayList<>();
    for (GatherPart part : joined.getValue()) {
      switch (part.getPartCase()) {
        case CALL -> pending = Optional.of(part.getCall());
        case RESULT -> results.add(part.getResult());
        case PART_NOT_SET -> throw new IllegalStateException("A part without content");
      }
    }
    PendingCall call =
        pending.orElseThrow(() -> new IllegalStateException("Pieces arrived without their call"));
    results.sort(Comparator.comparingInt(PieceResult::getIndex));
    perform(call.getCall().getSubject(), () -> out.output(gather(call, results)));
  }

  private StageOutcome gather(PendingCall pending, List<PieceResult> results)
      throws StageException, StoreException, InterruptedException {
    if (results.size() != pending.getPieces()) {
      throw new IllegalStateException(
          "%d pieces were cut and %d arrived".formatted(pending.getPieces(), results.size()));
    }
    StageCall call = pending.getCall();
    List<ArtifactRef> outputs = results.stream().map(PieceResult::getOutput).toList();
    ArtifactRef output = node().stage().gather(call, outputs, workplace().context());
    ActionKey key = StageKeys.of(node().stage(), call);
    ActionRecord record =
        workplace()
            .actions()
            .commit(
                key,
                output,
                new Stopwatch(request().getRunId(), pending.getStartedAtMillis()).facts());
    int computed = (int) results.stream().filter(PieceResult::getComputed).count();
    StageOutcome outcome =
        StageOutcome.newBuilder()
            .setNode(pending.getNode())
            .setStage(call.getStage())
            .setSubject(call.getSubject())
            .setStatus(StageStatus.RAN)
            .setReason(pending.getReason())
            .setKey(ActionKeys.digest(key).hex())
            .setOutput(record.getOutput())
            .setStartedAtMillis(pending.getStartedAtMillis())
            .setDurationMillis(System.currentTimeMillis() - pending.getStartedAtMillis())
            .setPiecesRun(computed)
            .setPiecesCached(results.size() - computed)
            .setPiecesRecovered((int) results.stream().filter(PieceResult::getRecovered).count())
            .build();
    workplace().journal().write(outcome);
    return outcome;
  }
}
