/**
 * The configuration: from a preset, a YAML file and {@code --set} to a message with every field
 * set.
 *
 * <p>Comes in: names, files, texts. Goes out: a complete, valid {@link
 * io.cityseg.proto.PipelineConfig}, or all that is wrong at once. It knows no parameter by name
 * (the schema's rules say everything), but for those that hold paths ({@code ConfigPaths}) and
 * those that must fit together ({@code ConfigChecks}, which asks the packages that read them, and
 * {@code WindowRule}). It must not know how a stage works, nor the store or Beam.
 */
package io.cityseg.config;
