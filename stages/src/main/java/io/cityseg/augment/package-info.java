/**
 * Augmentation: what training does to an example before the network sees it.
 *
 * <p>Comes in: an image with its label, and random numbers that follow from the seed, the epoch and
 * the item. Goes out: another image with its label. It must not know where examples come from, in
 * which order or on which thread they are made, nor of batches and tensors.
 */
package io.cityseg.augment;
