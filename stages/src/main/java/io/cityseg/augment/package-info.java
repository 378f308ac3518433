/**
 * Augmentation: what training does to an example before the network sees it.
 *
 * <p>Comes in: an image with its label, and random numbers that follow from the seed, the epoch and
 * the item. Goes out: another image with its label. It must not know where examples come from, in
 * which order or on which thread they are made, nor of batches and tensors.
 *
 * <p>Given their parameters, the transforms equal mmsegmentation's bit for bit ({@code
 * infra/parity/augment}). With images of 1024x2048, each thread of {@code train.input_threads}
 * takes about 40 MB of heap and 35 MB beside it, each batch that is made ahead 54 MB.
 */
package io.cityseg.augment;
