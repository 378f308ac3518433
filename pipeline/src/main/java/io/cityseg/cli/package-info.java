/**
 * The command line: one class a command.
 *
 * <p>Comes in: arguments. Goes out: results on standard output, everything else on standard error,
 * and an exit code: 0 done, 1 a stage failed, 2 wrong usage or configuration, 3 something would run
 * or a threshold is not met. It must not know how a stage works.
 */
package io.cityseg.cli;
