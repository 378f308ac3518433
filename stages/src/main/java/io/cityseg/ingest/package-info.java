/**
 * Stage ingest: finds the files of a data set, checks them and puts them into the store.
 *
 * <p>Comes in: folders in the Cityscapes layout. Goes out: a {@link
 * io.cityseg.proto.DatasetManifest}, or the list of all that is wrong. Scanning needs the folders
 * where the command line runs, the stage needs them where it works. It must not know what pixels
 * are for: it copies bytes, it does not convert them.
 */
package io.cityseg.ingest;
