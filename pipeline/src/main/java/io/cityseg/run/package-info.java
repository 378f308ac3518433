/**
 * One run: what it is about, its journal in the store, and how it is carried out.
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
 *
 * <p>Whoever follows a run lists its folder once a look, at the storage's pace (a directory: 0.25
 * to 0.5 s; a bucket: 1 to 2 s), and reads the lines that changed ({@code JournalView}). A look
 * cannot begin after the last name that was seen, since lines are overwritten. Progress names
 * pieces, it does not count them, so that what two machines say of the same piece is one piece
 * ({@code NodeProgress}).
 */
package io.cityseg.run;
