/**
 * Stage {@code shards}: images and trainId images at the training size, in TFRecord files; and the
 * reader of those files.
 *
 * <p>Comes in: what ingest and trainids made. Goes out: shards, their manifests, and counts of the
 * pixels of each class. It must not know where labels come from, nor of batches, flips or
 * normalisation: an example holds the bytes that the resize gives.
 */
package io.cityseg.shards;
