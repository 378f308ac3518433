/**
 * Pictures: PNG files, their pixels, and the two kinds of resizing that the examples are made with.
 *
 * <p>Comes in: the bytes of a file that nobody has checked. Goes out: pixels in row-major order, or
 * an {@link io.cityseg.image.ImageException} that names the file. It must not know of labels,
 * stages or the store; OpenCV and its native memory stay inside.
 */
package io.cityseg.image;
