/**
 * One run: what it is about, and how it is carried out.
 *
 * <p>Comes in: configuration, data and a selection of stages. Goes out: a {@link
 * io.cityseg.proto.RunRecord}. It must not know how anything is printed.
 *
 * <p>The direct runner gets one thread, and the pieces of a bundle run side by side in a pool of
 * our own: with more threads, the runner's search for new work keeps a core busy through all of
 * training ({@code RunnerChoice}). On a cluster {@code RunnerChoice} asks the master what it is,
 * {@code StagedJars} decides what to send, {@code ClusterExecution} submits and then only asks for
 * the job's state: all else comes from the journal, so a client may go away and another follow
 * ({@code RunFollower}).
 */
package io.cityseg.run;
