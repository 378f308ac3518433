package io.cityseg.scenes;

/**
 * A point of the picture in whole pixels, as annotation files have them.
 *
 * @param x column
 * @param y row
 */
record Pixel(int x, int y) {}
