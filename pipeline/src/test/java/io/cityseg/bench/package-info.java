/**
 * What benchmarks compare with, run by the scripts of {@code infra/bench}.
 *
 * <p>Comes in: arguments. Goes out: JSON on standard output. It must not know of Beam.
 */
package io.cityseg.bench;
