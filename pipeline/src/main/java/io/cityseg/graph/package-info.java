/**
 * The graph of stages, and the plan that follows from it.
 *
 * <p>Comes in: a {@link io.cityseg.proto.GraphRequest} and the store. Goes out: the calls of every
 * node, and whether the store has their results. The same wiring serves the planner on the client
 * and the transforms on the workers. It must not know of Beam.
 */
package io.cityseg.graph;
