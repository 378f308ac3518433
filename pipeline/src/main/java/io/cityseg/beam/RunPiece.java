package io.cityseg.beam;

import io.cityseg.proto.ArtifactRef;
import io.cityseg.proto.GatherPart;
import io.cityseg.proto.GraphRequest;
import io.cityseg.proto.Piece;
import io.cityseg.proto.PieceResult;
import io.cityseg.proto.PieceTask;
import io.cityseg.stage.StageException;
import io.cityseg.stage.Stopwatch;
import io.cityseg.store.ActionCache;
import io.cityseg.store.StoreException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.beam.sdk.transforms.windowing.GlobalWindow;
import org.apache.beam.sdk.values.KV;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs pieces of calls, unless the store has their results: those of a bundle side by side, as
 * {@link FanOut} says. A bundle ends when all of its pieces have, so one that did not fail is
 * complete; a few of them are held at a time, however many a runner puts into a bundle.
 */
final class RunPiece extends NodeFn<KV<String, PieceTask>, KV<String, GatherPart>> {
  private static final Logger LOG = LoggerFactory.getLogger(RunPiece.class);
  private static final Duration STOP_WITHIN = Duration.ofSeconds(60);

  /** Pieces for each thread that are held at a time: a slow one seldom leaves a thread idle. */
  private static final int HELD = 8;

  private final int threads;
  private transient Queue<Future<KV<String, GatherPart>>> running;
  private transient ExecutorService pool;

  RunPiece(String node, String storeUri, GraphRequest request, int threads) {
    super(node, storeUri, request);
    this.threads = threads;
  }

  @StartBundle
  public void startBundle() {
    running = new ArrayDeque<>();
    pool = Executors.newFixedThreadPool(threads, task -> new Thread(task, node().name()));
  }

  @ProcessElement
  public void process(
      @Element KV<String, PieceTask> task, OutputReceiver<KV<String, GatherPart>> out) {
    running.add(pool.submit(() -> KV.of(task.getKey(), result(task.getKey(), task.getValue()))));
    try {
      while (running.size() > HELD * threads) {
        out.output(oldest());
      }
    } catch (RuntimeException e) {
      endBundle();
      throw e;
    }
  }

  @FinishBundle
  public void finishBundle(FinishBundleContext context) {
    try {
      while (!running.isEmpty()) {
        context.output(oldest(), GlobalWindow.INSTANCE.maxTimestamp(), GlobalWindow.INSTANCE);
      }
    } finally {
      endBundle();
    }
  }

  private void endBundle() {
    stop();
    workplace().progress().flush();
  }

  /** Waits for the result of the piece that was begun first. */
  private KV<String, GatherPart> oldest() {
    try {
      return running.remove().get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new NodeFailure(node().name() + " was interrupted", e);
    } catch (ExecutionException e) {
      // the failure's own type says whether another attempt may help
      throw e.getCause() instanceof NodeFailure failure
          ? failure
          : new NodeFailure(e.getCause().getMessage(), e.getCause());
    }
  }

  /** A bundle that failed before its end leaves its pieces running. */
  @Teardown
  public void tearDown() {
    stop();
  }

  /**
   * Stops the pieces of a bundle that failed or was interrupted, and waits for them: what still ran
   * when the function is gone would look for classes that a cluster has unloaded by then, and use
   * the engine beside the next job.
   */
  private void stop() {
    if (pool == null) {
      return;
    }
    pool.shutdownNow();
    boolean interrupted = Thread.interrupted();
    try {
      if (!pool.awaitTermination(STOP_WITHIN.toSeconds(), TimeUnit.SECONDS)) {
        LOG.warn("A piece of {} does not end; it is left behind", node().name());
      }
    } catch (InterruptedException e) {
      interrupted = true;
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    pool = null;
  }

  private GatherPart result(String call, PieceTask task) {
    PieceResult.Builder result = PieceResult.newBuilder().setIndex(task.getPiece().getIndex());
    perform(task.getSubject(), () -> fill(result, call, task));
    return GatherPart.newBuilder().setResult(result).build();
  }

  private void fill(PieceResult.Builder result, String call, PieceTask task)
      throws StageException, StoreException, InterruptedException {
    Piece piece = task.getPiece();
    ActionCache actions = workplace().actions();
    String run = request().getRunId();
    ActionCache.Lookup lookup =
        task.getForce()
            ? actions.lookupForced(piece.getKey(), run)
            : actions.lookup(piece.getKey());
    if (lookup instanceof ActionCache.Hit hit) {
      boolean ours = task.getForce() || hit.record().getFacts().getRunId().equals(run);
      result.setOutput(hit.record().getOutput()).setComputed(ours).setRecovered(ours);
    } else {
      Stopwatch clock = Stopwatch.start(run);
      ArtifactRef output = node().stage().run(piece, workplace().context());
      // a whole piece has the call's own key, and is recorded with the call
      result.setOutput(piece.hasWhole() ? output : commit(piece, output, clock)).setComputed(true);
    }
    if (!piece.hasWhole()) {
      workplace().progress().pieceDone(call, piece.getIndex());
    }
  }

  private ArtifactRef commit(Piece piece, ArtifactRef output, Stopwatch clock)
      throws StoreException {
    return workplace().actions().commit(piece.getKey(), output, clock.facts()).getOutput();
  }
}
