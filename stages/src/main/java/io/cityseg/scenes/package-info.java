/**
 * Draws synthetic street scenes in the Cityscapes layout: the program's embedded data set.
 *
 * <p>Comes in: how many, how large, and a seed. Goes out: a folder of images and annotations, the
 * same bytes for the same options. It must not know of stages, stores or networks; the annotations
 * are drawn by the labels package, by the rule that it applies to any data set.
 */
package io.cityseg.scenes;
