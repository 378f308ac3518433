/**
 * What a stage is: a function from artifacts to an artifact, cut into pieces that can run on
 * different workers.
 *
 * <p>Comes in: a {@link io.cityseg.proto.StageCall}. Goes out: an artifact reference. It must not
 * know of Beam, of the graph that joins the stages, or of what a particular stage does.
 */
package io.cityseg.stage;
