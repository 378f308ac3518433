package io.cityseg.stage;

import io.cityseg.proto.ArtifactRef;
import io.cityseg.proto.Parameter;
import io.cityseg.proto.Piece;
import io.cityseg.proto.StageCall;
import io.cityseg.store.StoreException;
import java.util.List;

/**
 * One stage of the pipeline, as plain Java.
 *
 * <p>A call is split into pieces; every piece is an action of its own and may run on another
 * worker, in any order and any number of times; the results are gathered, in the order of the
 * pieces, into the call's result. All three steps are pure functions of the call, the piece and the
 * store's blobs: the same input gives the same bytes whatever the worker, the parallelism or the
 * time. Implementations are stateless and safe for use by several threads.
 */
public interface Stage {
  /** The stage's name: "shards". */
  String name();

  /** Raised by hand when a change of the code changes what the stage makes. */
  int codeVersion();

  /**
   * Facts of the environment that decide bytes (the engine's version), sorted by name; part of
   * every key of the stage.
   */
  List<Parameter> environment();

  /**
   * Cuts a call into pieces with indices 0, 1, 2, ... A stage that cannot be cut returns one piece
   * whose work is the whole call and whose key is the call's own.
   *
   * @throws StageException when the call's inputs cannot be worked on; the message lists all
   *     problems found
   */
  List<Piece> split(StageCall call, StageContext context)
      throws StageException, StoreException, InterruptedException;

  /** Does one piece of work and returns its result, which is in the store by then. */
  ArtifactRef run(Piece piece, StageContext context)
      throws StageException, StoreException, InterruptedException;

  /**
   * Makes the call's result from the pieces' results, in the order of their indices. A stage of a
   * single whole piece returns that piece's result.
   */
  ArtifactRef gather(StageCall call, List<ArtifactRef> results, StageContext context)
      throws StageException, StoreException, InterruptedException;
}
