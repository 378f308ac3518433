/**
 * The official pixel-level evaluation of Cityscapes over PNG files ({@code
 * evalPixelLevelSemanticLabeling} of cityscapesScripts 2.3.0): the measure called {@code
 * cityscapes}, which is never mixed with {@code paper} of package evaluate.
 *
 * <p>Comes in: a folder of ground truth and a folder of predictions that nobody has checked. Goes
 * out: scores, the official JSON and the official tables. It must not know of checkpoints, stages
 * or the store.
 */
package io.cityseg.score;
