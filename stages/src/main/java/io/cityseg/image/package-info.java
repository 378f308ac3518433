/**
 * Pictures: PNG files, their pixels, and the two kinds of resizing that the examples are made with.
 *
 * <p>Comes in: the bytes of a file that nobody has checked. Goes out: pixels in row-major order, or
 * an {@link io.cityseg.image.ImageException} that names the file. It must not know of labels,
 * stages or the store; OpenCV and its native memory stay inside.
 *
 * <p>Label images have a decoder of their own ({@code LabelPngReader}): no native library to load,
 * nothing but pixels is ever inflated, rows are unfiltered and counted eight bytes at a time. The
 * JDK's zlib and Pillow's files are its tests' measure. Photographs go through OpenCV.
 */
package io.cityseg.image;
