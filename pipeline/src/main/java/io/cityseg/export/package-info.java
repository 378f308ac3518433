/**
 * What leaves the store for other programs: metrics and shards.
 *
 * <p>Comes in: a run's record, the store. Goes out: files in a folder of the user's, in formats
 * that others define (TensorBoard's event files, CSV, JSON, TFRecord). It must not know the command
 * line, and computes nothing.
 *
 * <p>In event files epoch N is step N; times and waiting shares come from the actions' records,
 * since an artifact holds no time.
 */
package io.cityseg.export;
