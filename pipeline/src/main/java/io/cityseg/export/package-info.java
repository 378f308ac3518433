/**
 * What leaves the store for other programs: metrics and shards.
 *
 * <p>Comes in: a run's record, the store. Goes out: files in a folder of the user's, in formats
 * that others define (TensorBoard's event files, CSV, JSON, TFRecord). It must not know the command
 * line, and computes nothing.
 */
package io.cityseg.export;
