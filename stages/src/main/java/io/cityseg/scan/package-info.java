/**
 * Finds the files of a data set and their digests, where the command line runs: what ingest begins
 * with.
 *
 * <p>Comes in: folders and bucket prefixes in the Cityscapes layout. Goes out: a {@link
 * io.cityseg.proto.SourceListing} in the store. It must not know which files belong together, nor
 * look into them, and it must not hold all of them: a data set may have millions.
 */
package io.cityseg.scan;
