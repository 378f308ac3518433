/**
 * Stage train: the reference run's loop.
 *
 * <p>Comes in: an initial checkpoint and the shards of both splits. Goes out: a checkpoint an epoch
 * and the history of the losses. It must not know what becomes of the checkpoints, or how shards
 * and weights are written.
 *
 * <p>Training is one piece that commits an action an epoch ({@code train.epoch}). An epoch's key
 * does not hold {@code train.epochs}, so raising it continues; with the schedule poly it does,
 * since every step depends on their number. Early stopping and {@code train.keep} are in the
 * training's key and in no epoch's. An epoch's optimiser state (twice the weights) is dropped when
 * the next epoch is committed, and so are checkpoints that are not kept, unless a finished
 * training's manifest holds them.
 *
 * <p>A step's random numbers are its own (seed, epoch, step), and what becomes of an image follows
 * from (seed, epoch, its place in the split). So threads and order change nothing, and {@code
 * train.checkpoint_every_steps} can store the state within an epoch (action {@code train.step};
 * dropped when superseded) and still be execution_only. A training that was killed within an epoch
 * and is never continued leaves that state in the store (three times the weights); continuing it,
 * or training the same anew, drops it.
 *
 * <p>Replicas and accumulation are one thing ({@code BatchParts}): chunks go through the network
 * one by one, each adding its share of the whole batch's mean, whose divisor is known from the
 * targets beforehand. So the gradient is that of nn.DataParallel's gathered loss with the memory of
 * one chunk. They differ in whose batch statistics are remembered: every part's, or the first
 * replica's. Hard examples are chosen from a whole batch and exclude both.
 *
 * <p>bf16 narrows the layers alone; weights, optimiser, running statistics, loss and validation
 * stay float32. How long the network waited for input is in the epoch's record ({@code
 * ExecutionFacts.training}), not in the history, whose bytes must not depend on time.
 *
 * <p>A loss that is not a number ends training with the epoch, the step and the batch's items; what
 * was stored before stays. The loss is that of the weights before the update, so a finite one
 * proves nothing of what is stored: a checkpoint is stored when all of its values are numbers
 * ({@code Trainer}).
 *
 * <p>Another number of threads changes the last bits of float32, and training enlarges them. On a
 * GPU two trainings differ in the same way: cuDNN chooses its convolutions, and some gradients
 * (those of convolutions, of bilinear enlarging, the mean of the loss) are summed by atomic
 * additions. {@code train.deterministic} removes that: it is the engine's own switch ({@code
 * DeterministicOperations}), at::Context's, called by its C++ name, since neither DJL nor
 * TorchScript pass it on. cuDNN then takes deterministic algorithms alone, enlarging becomes two
 * matrix products, and what has no deterministic implementation ends training with its name. It is
 * in the key although it changes no byte on a CPU: what it promises of a result cannot be seen from
 * the result.
 */
package io.cityseg.train;
