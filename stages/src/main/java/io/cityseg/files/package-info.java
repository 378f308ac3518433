/**
 * Files on disk, as the commands that convert and score them need it: trees of them, whole and of a
 * bounded size, replaced as a whole, many at once; and what went wrong with one, in words.
 *
 * <p>Comes in: paths that a user gave. Goes out: sorted lists, bytes, results in order. It must not
 * know what is in a file, nor of the store, which has rules of its own.
 */
package io.cityseg.files;
