package io.cityseg.train;

import io.cityseg.evaluate.Batch;
import io.cityseg.stage.StageException;
import io.cityseg.train.EpochOrder.Pick;

/** What batches are made from. Safe for use by several threads. */
interface Examples {
  /** Rows of every image in a batch. */
  int height();

  /** Columns of every image in a batch. */
  int width();

  /**
   * An item as the network is to see it, at most of that size.
   *
   * @throws StageException when it cannot be read
   */
  Batch.Member member(Pick pick) throws StageException;
}
