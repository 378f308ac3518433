/**
 * Labels: the Cityscapes table, and stage {@code trainids}, which turns an item's label source into
 * a trainId image.
 *
 * <p>Comes in: polygons JSON or labelIds PNG files that nobody has checked. Goes out: label images,
 * exactly as the data set's own tools (cityscapesScripts 2.3.0, Pillow 13.0.0) draw them. It must
 * not know of pictures, sizes of examples, or what is trained on them.
 */
package io.cityseg.labels;
