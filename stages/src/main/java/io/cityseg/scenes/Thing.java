package io.cityseg.scenes;

import java.util.function.Consumer;

/**
 * Something that stands on the ground.
 *
 * @param depth its distance, metres: nearer things are drawn over farther ones
 * @param drawing adds its strokes; draws no random numbers, so that the order does not matter
 */
record Thing(double depth, Consumer<Sketch> drawing) {}
