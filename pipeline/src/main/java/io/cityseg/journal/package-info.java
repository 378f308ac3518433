/**
 * What a run leaves in the store: its record, and while it is under way a line a call and a line a
 * worker.
 *
 * <p>Comes in: outcomes and progress, from whichever worker has them. Goes out: the same to whoever
 * follows the run, put together. It must not know what carries a run out, nor how it is shown.
 *
 * <p>Whoever follows a run lists its folder once a look, at the storage's pace (a directory: 0.25
 * to 0.5 s; a bucket: 1 to 2 s), and reads the lines that changed ({@code JournalView}). A look
 * cannot begin after the last name that was seen, since lines are overwritten. Progress names
 * pieces, it does not count them, so that what two machines say of the same piece is one piece
 * ({@code NodeProgress}).
 */
package io.cityseg.journal;
