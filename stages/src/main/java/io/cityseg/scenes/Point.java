package io.cityseg.scenes;

/** A point of the picture: column x and row y, whose whole numbers are the middles of pixels. */
record Point(double x, double y) {}
