package io.cityseg.beam;

import io.cityseg.graph.Node;
import io.cityseg.proto.GatherPart;
import io.cityseg.proto.GraphRequest;
import io.cityseg.proto.PieceTask;
import io.cityseg.proto.StageCall;
import io.cityseg.proto.StageOutcome;
import org.apache.beam.sdk.coders.Coder;
import org.apache.beam.sdk.coders.KvCoder;
import org.apache.beam.sdk.coders.StringUtf8Coder;
import org.apache.beam.sdk.transforms.Flatten;
import org.apache.beam.sdk.transforms.GroupByKey;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.Reshuffle;
import org.apache.beam.sdk.values.KV;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollectionList;
import org.apache.beam.sdk.values.PCollectionTuple;
import org.apache.beam.sdk.values.TupleTag;
import org.apache.beam.sdk.values.TupleTagList;

/**
 * A node of the graph: calls in, outcomes out.
 *
 * <pre>
 * calls ─► look up ─┬─ cached ──────────────────────────────────────────────► outcomes
 *                   ├─ pieces ─► spread ─► run each ────┐                        ▲
 *                   └─ pending ─────────────────────────┴─► gather and commit ───┘
 * </pre>
 *
 * <p>Every piece is looked up by itself, so a retried bundle, or the next run after a failure, does
 * nothing twice.
 */
final class ComputeNode extends PTransform<PCollection<StageCall>, PCollection<StageOutcome>> {
  // Named: Beam would number them by a counter that lives as long as Beam does, which on a cluster
  // is longer than this class; a second job's tags would have other names than its client's.
  static final TupleTag<StageOutcome> CACHED = new TupleTag<>("cached") {};
  static final TupleTag<KV<String, GatherPart>> PENDING = new TupleTag<>("pending") {};
  static final TupleTag<KV<String, PieceTask>> PIECES = new TupleTag<>("pieces") {};

  private final String node;
  private final String storeUri;
  private final GraphRequest request;
  private final FanOut fanOut;

  ComputeNode(Node node, String storeUri, GraphRequest request, FanOut fanOut) {
    this.node = node.name();
    this.storeUri = storeUri;
    this.request = request;
    this.fanOut = fanOut;
  }

  @Override
  public PCollection<StageOutcome> expand(PCollection<StageCall> calls) {
    PCollectionTuple lookedUp =
        calls.apply(
            "look up",
            ParDo.of(new LookUpCall(node, storeUri, request))
                .withOutputTags(CACHED, TupleTagList.of(PENDING).and(PIECES)));
    PCollection<KV<String, GatherPart>> pending =
        lookedUp.get(PENDING).setCoder(keyed(MessageCoder.of(GatherPart.class)));
    PCollection<KV<String, PieceTask>> pieces =
        lookedUp.get(PIECES).setCoder(keyed(MessageCoder.of(PieceTask.class)));
    if (fanOut.reshuffled()) {
      pieces = pieces.apply("spread", Reshuffle.viaRandomKey());
    }
    PCollection<KV<String, GatherPart>> results =
        pieces
            .apply("run", ParDo.of(new RunPiece(node, storeUri, request, fanOut.threads())))
            .setCoder(keyed(MessageCoder.of(GatherPart.class)));
    // One collection, and one pass over a call's parts: a join by CoGroupByKey goes through more
    // than 10,000 of them twice, which Flink does not let it.
    PCollection<StageOutcome> computed =
        PCollectionList.of(pending)
            .and(results)
            .apply("parts", Flatten.pCollections())
            .apply("gather", GroupByKey.create())
            .apply("commit", ParDo.of(new GatherCall(node, storeUri, request)))
            .setCoder(MessageCoder.of(StageOutcome.class));
    return PCollectionList.of(lookedUp.get(CACHED).setCoder(MessageCoder.of(StageOutcome.class)))
        .and(computed)
        .apply("outcomes", Flatten.pCollections());
  }

  private static <T> KvCoder<String, T> keyed(Coder<T> values) {
    return KvCoder.of(StringUtf8Coder.of(), values);
  }
}
