/**
 * The graph as a Beam pipeline: one composite transform a node, which looks up, cuts, runs, gathers
 * and commits.
 *
 * <p>Comes in: a {@link io.cityseg.proto.GraphRequest}. Goes out: the outcomes of all calls.
 * References flow between transforms, pixels never do. It must not know what a stage does, nor of
 * the command line.
 *
 * <p>A failure that a stage decided is final, any other is tried again: {@code FinalNodeFailure}
 * carries Flink's mark for that; a store or a disk that fails costs one of the job's attempts, and
 * the journal's line of a failed attempt becomes a notice. Whatever is static is per class loader,
 * but the engine is per process: its turn hangs at the JVM, so that two jobs take turns. A job that
 * is cancelled waits for its pieces ({@code RunPiece.stop}): what still runs would use the engine
 * beside the next job. The last step of a job ({@code EndRun}) completes the run's record. Tags
 * have names of their own, since Beam numbers nameless ones by a counter that outlives the job.
 */
package io.cityseg.beam;
