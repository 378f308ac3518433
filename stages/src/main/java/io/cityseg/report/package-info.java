/**
 * The report: one self-contained page, {@code metrics.json} and a CSV.
 *
 * <p>Comes in: evaluations, the splits they were made on, and the training's history. Goes out: a
 * {@link io.cityseg.proto.ReportManifest}. It must not know how a checkpoint was trained or
 * evaluated, and neither the time, nor the host, nor the run on whose behalf it works.
 */
package io.cityseg.report;
