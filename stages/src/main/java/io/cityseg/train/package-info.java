/**
 * Stage train: the reference run's loop.
 *
 * <p>Comes in: an initial checkpoint and the shards of both splits. Goes out: a checkpoint an epoch
 * and the history of the losses. It must not know what becomes of the checkpoints, or how shards
 * and weights are written.
 */
package io.cityseg.train;
