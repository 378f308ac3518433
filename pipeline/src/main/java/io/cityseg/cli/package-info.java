/**
 * The command line: one class a command.
 *
 * <p>Comes in: arguments. Goes out: results on standard output, everything else on standard error,
 * and an exit code: 0 done, 1 a stage failed, 2 wrong usage or configuration, 3 something would run
 * or a threshold is not met. It must not know how a stage works.
 *
 * <p>Text from a store is printed as text ({@code PlainWriter}): everything that is printed passes
 * it, and control characters become visible there, so no place that prints has to remember that
 * names and messages may be hostile.
 */
package io.cityseg.cli;
