/**
 * The benchmark server's zip: predictions of a split's images in regular ids, at full resolution.
 *
 * <p>Comes in: folders of images that nobody has checked, and a predictor. Goes out: one file,
 * whole or not at all, or a list of all that is wrong. It must not know of labels, scores or the
 * store.
 */
package io.cityseg.submission;
