/**
 * Stage ingest: pairs the files of a data set, checks them and puts them into the store.
 *
 * <p>Comes in: a {@link io.cityseg.proto.SourceListing}, and the folders or buckets that hold its
 * files, which it needs where it works. Goes out: a {@link io.cityseg.proto.DatasetManifest}, or
 * the list of all that is wrong. It must not know what pixels are for: it copies bytes, it does not
 * convert them.
 *
 * <p>It copies the data set into the store: workers need no access to the original tree afterwards,
 * and a later change of a file cannot change a result. That costs the data set's size in disk.
 */
package io.cityseg.ingest;
