/**
 * The configuration: from a preset, a YAML file and {@code --set} to a message with every field
 * set.
 *
 * <p>Comes in: names, files, texts. Goes out: a complete, valid {@link
 * io.cityseg.proto.PipelineConfig}, or all that is wrong at once. It must not know any parameter by
 * name (the schema's rules say everything), nor stages, the store or Beam; the two parameters that
 * hold paths are the one exception ({@code ConfigPaths}).
 */
package io.cityseg.config;
