/**
 * What leaves the store for other programs: metrics and shards.
 *
 * <p>Comes in: a run's record, the store. Goes out: files in a folder of the user's, in formats
 * that others define (TensorBoard's event files, CSV, JSON, TFRecord). It must not know the command
 * line, and computes nothing.
 *
 * <p>In event files epoch N is step N; times and waiting shares come from the actions' records,
 * since an artifact holds no time. Of a run that is under way, was stopped or has failed, the
 * epochs that are there are exported. An export to the folder of {@code --tensorboard} replaces the
 * epochs that the run itself has written, and leaves its steps.
 */
package io.cityseg.export;
