/**
 * Stage evaluate: a checkpoint on the validation shards.
 *
 * <p>Comes in: a checkpoint and a split's shards, or its original files for the official measure.
 * Goes out: exact pixel counts, the measures that follow from them, and some predictions as
 * pictures. It must not know how the checkpoint was trained or what the report makes of the
 * numbers.
 */
package io.cityseg.evaluate;
