package io.cityseg.beam;

import io.cityseg.graph.Graph;
import io.cityseg.graph.Node;
import io.cityseg.proto.GraphRequest;
import io.cityseg.proto.StageOutcome;
import io.cityseg.proto.StageStatus;
import io.cityseg.stage.MemoryAdvice;
import io.cityseg.stage.StageException;
import io.cityseg.store.StoreException;
import io.cityseg.store.UnreadableBlobException;
import java.io.IOException;
import java.nio.file.FileSystemException;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.flink.runtime.throwable.ThrowableAnnotation;
import org.apache.flink.runtime.throwable.ThrowableType;

/**
 * What the functions of a node share: the store, opened once a worker's thread, and the rule for
 * failures: the journal gets the message that the user will see, then the bundle fails.
 */
abstract class NodeFn<I, O> extends DoFn<I, O> {
  private final String node;
  private final String storeUri;
  private final GraphRequest request;
  private transient Workplace workplace;

  NodeFn(String node, String storeUri, GraphRequest request) {
    this.node = node;
    this.storeUri = storeUri;
    this.request = request;
  }

  /** Work that can fail in the ways that a stage can. */
  @FunctionalInterface
  interface Work {
    void run() throws StageException, StoreException, InterruptedException;
  }

  @Setup
  public void open() throws StoreException {
    workplace = Workplace.open(storeUri, request, node);
  }

  final Node node() {
    return Graph.node(node);
  }

  final GraphRequest request() {
    return request;
  }

  final Workplace workplace() {
    if (workplace == null) {
      throw new IllegalStateException("Function of node " + node + " was not set up");
    }
    return workplace;
  }

  final void perform(String subject, Work work) {
    try {
      work.run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new NodeFailure(node + " was interrupted", e);
    } catch (StoreException e) {
      if (Thread.currentThread().isInterrupted()) {
        // a channel that is interrupted closes, which looks like a failure of the store
        throw new NodeFailure(node + " was interrupted", e);
      }
      throw failure(subject, e, e.getMessage());
    } catch (StageException e) {
      throw failure(subject, e, e.getMessage());
    } catch (RuntimeException e) {
      if (isOfAnotherNode(e)) {
        throw e;
      }
      throw failure(subject, e, "unexpected " + e);
    } catch (LinkageError e) {
      throw failure(subject, e, "unexpected " + e);
    } catch (OutOfMemoryError e) {
      throw failure(subject, e, MemoryAdvice.of(e));
    }
  }

  /** A runner that fuses functions lets a later one's failure pass through an earlier one. */
  private static boolean isOfAnotherNode(Throwable failure) {
    for (Throwable at = failure; at != null; at = at.getCause()) {
      if (at instanceof NodeFailure) {
        return true;
      }
    }
    return false;
  }

  /**
   * Whether it was the machine or the store that failed, not the stage that refused: a disk that is
   * full here may not be elsewhere. Parsers' failures are I/O exceptions of their own types.
   */
  static boolean anotherAttemptMayHelp(Throwable failure) {
    if (failure instanceof UnreadableBlobException) {
      // the blob has to be made anew, which is an earlier node's work
      return false;
    }
    if (failure instanceof StoreException || failure instanceof OutOfMemoryError) {
      return true;
    }
    for (Throwable at = failure; at != null; at = at.getCause()) {
      if (at.getClass() == IOException.class || at instanceof FileSystemException) {
        return true;
      }
    }
    return false;
  }

  private NodeFailure failure(String subject, Throwable cause, String message) {
    StageOutcome outcome =
        StageOutcome.newBuilder()
            .setNode(node)
            .setStage(node().stage().name())
            .setSubject(subject)
            .setStatus(StageStatus.FAILED)
            .setReason(message)
            .setMendedByRerun(cause instanceof UnreadableBlobException)
            .build();
    NodeFailure failure =
        anotherAttemptMayHelp(cause)
            ? new NodeFailure(node + ": " + message, cause)
            : new FinalNodeFailure(node + ": " + message, cause);
    try {
      workplace().journal().write(outcome);
    } catch (StoreException e) {
      failure.addSuppressed(e);
    }
    return failure;
  }

  /** Fails the bundle; another attempt, perhaps on another machine, may not fail. */
  static class NodeFailure extends RuntimeException {
    NodeFailure(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /**
   * Fails the bundle, and would fail every other attempt: what a stage refuses stays refused. Flink
   * knows the annotation and does not try again.
   */
  @ThrowableAnnotation(ThrowableType.NonRecoverableError)
  static final class FinalNodeFailure extends NodeFailure {
    FinalNodeFailure(String message, Throwable cause) {
      super(message, cause);
    }
  }
}
