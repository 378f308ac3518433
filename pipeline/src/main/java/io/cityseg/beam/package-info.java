/**
 * The graph as a Beam pipeline: one composite transform a node, which looks up, cuts, runs, gathers
 * and commits.
 *
 * <p>Comes in: a {@link io.cityseg.proto.GraphRequest}. Goes out: the outcomes of all calls.
 * References flow between transforms, pixels never do. It must not know what a stage does, nor of
 * the command line.
 */
package io.cityseg.beam;
